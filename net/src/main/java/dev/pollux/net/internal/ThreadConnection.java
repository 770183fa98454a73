package dev.pollux.net.internal;

import dev.pollux.net.CloseReason;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.Socket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A connection with a thread of its own, the worker: it waits in or before recv(2) until the
/// client sends, and in or before send(2) while the client does not read ([Waiting]).
///
/// ```
///   OPEN --close()--> CLOSING --output taken, FIN sent--> LINGERING --FIN came, or shut down by the timer--+
///     +------------------+-------- abort, reset -------------------------------------------------------+--> ENDED
/// ```
///
/// Callbacks run in the connection's [SerialQueue]: on the worker, or on the thread of another
/// connection that has a task for this one. Such a thread never blocks for this client: it tries
/// `MSG_DONTWAIT`, and what is left over gets a temporary writer thread. Only the worker closes the
/// descriptor; others that want it to end shut the socket down, which wakes the worker (a close(2)
/// would not).
final class ThreadConnection extends QueuedConnection {
  private static final int WAITING_TASKS = 1024;

  private enum State {
    OPEN,
    CLOSING,
    LINGERING,
    ENDED
  }

  private final SerialQueue serial;

  // Guarded by the serial queue.
  private CloseReason reason = CloseReason.CLOSED;
  private boolean endOfInput;
  private final ConnectionTimer timer;

  private volatile State state = State.OPEN;
  private volatile boolean shutDownSent;

  private final ReadingGate reading = new ReadingGate();

  ThreadConnection(
      ThreadEngine engine, int fd, @Nullable PeerAddress peer, Protocol protocol, Waiting waiting) {
    super(engine, fd, peer, protocol, waiting);
    this.timer = new ConnectionTimer(engine);
    this.serial = new SerialQueue(WAITING_TASKS, this::fail);
  }

  // The worker, in turn

  void received(Desks.Seat seat, MemorySegment buffer, int length) {
    serial.enter();
    try {
      if (state == State.OPEN) {
        protocol().onBytes(this, buffer, 0, length);
      }
      if (waiting.sendFlags() == Socket.MSG_DONTWAIT && output.hasUnpublished()) {
        sendInTurn(seat.desk());
      }
      publish();
    } catch (Throwable t) {
      fail(t);
    } finally {
      serial.leave();
    }
  }

  void tellEndOfInput() {
    if (state == State.OPEN) {
      if (!endOfInput) {
        endOfInput = true;
        protocol().onEndOfInput(this);
      }
    } else if (state == State.LINGERING || shutDownSent) {
      end(CloseReason.CLOSED);
    } else {
      endOfInput = true;
    }
  }

  /// Whether the peer, who sends no more, is still to be served: the connection is not closed, or
  /// its output is not out.
  boolean outlivesItsInput() {
    return state == State.OPEN || (state == State.CLOSING && !output.isIdle());
  }

  void endFor(CloseReason why) {
    inTurn(() -> end(why));
  }

  boolean hasEnded() {
    return state == State.ENDED;
  }

  ReadingGate reading() {
    return reading;
  }

  /// The worker's last act: the descriptor goes, and the protocol is told.
  void finish(Kernel kernel) {
    serial.run(timer::cancel);
    boolean reset = reason == CloseReason.ABORTED || reason == CloseReason.FAILED;
    if (reset) {
      try (Arena arena = Arena.ofConfined()) {
        kernel.setsockopt(fd, Socket.SOL_SOCKET, Socket.SO_LINGER, Socket.linger(arena, true, 0));
      }
    }
    if (output.close()) {
      // A writer that is blocked in send(2) comes back from a socket that is shut down.
      kernel.shutdown(fd, Socket.SHUT_RDWR);
      waiting.wake();
      output.awaitNoWriter();
    }
    engine.forget(waiting);
    kernel.close(fd);
    serial.run(() -> protocol().onClosed(this, reason));
    serial.close();
    output.discard();
  }

  // Output

  /// Runs `callback` in turn and hands what it wrote to the writers.
  void inTurn(Runnable callback) {
    serial.run(guarded(callback));
  }

  private Runnable guarded(Runnable callback) {
    return () -> {
      try {
        callback.run();
      } catch (Throwable t) {
        fail(t);
      }
      publish();
    };
  }

  /// Its own output needs no writer, where nobody else's is before it and the call does not wait.
  private void sendInTurn(Desk desk) {
    tellOfFlush();
    int result = output.sendOrPublish(desk);
    if (result == 0) {
      progressed();
    } else if (result != -Errno.EAGAIN) {
      end(CloseReason.RESET);
    }
  }

  private void publish() {
    if (output.hasUnpublished()) {
      tellOfFlush();
      output.publish();
    }
    finishOutputIfIdle();
  }

  private void tellOfFlush() {
    if (state == State.OPEN) {
      protocol().onFlush(this);
    }
  }

  @Override
  void written(int result) {
    if (result < 0) {
      endFor(CloseReason.RESET);
      return;
    }
    // Not inTurn: that would be an object for every message.
    serial.enter();
    try {
      progressed();
      publish();
    } catch (Throwable t) {
      fail(t);
    } finally {
      serial.leave();
    }
  }

  private void progressed() {
    if (state == State.OPEN) {
      protocol().onDrained(this);
    } else if (state == State.CLOSING) {
      // It goes on: the peer has its time anew.
      setLinger();
    }
  }

  private void finishOutputIfIdle() {
    if (state == State.CLOSING && !shutDownSent && output.isIdle()) {
      shutDownSent = true;
      state = State.LINGERING;
      engine.shutdown(fd, Socket.SHUT_WR);
      if (endOfInput) {
        end(CloseReason.CLOSED);
      }
      reading.signal();
    }
  }

  @Override
  public void commit(int length) {
    if (state == State.OPEN) {
      output.commit(length);
    }
  }

  // Reading

  @Override
  public void suspendReading() {
    reading.suspend();
  }

  @Override
  public void resumeReading() {
    reading.resume();
  }

  // Ending

  @Override
  public void close() {
    if (state == State.OPEN) {
      state = State.CLOSING;
      setLinger();
      reading.signal();
    }
  }

  private void setLinger() {
    timer.set(
        engine.options().linger().toNanos(),
        serial::offer,
        // The worker comes back from where it waits and sees that it is over.
        () -> end(output.isIdle() ? CloseReason.CLOSED : CloseReason.ABORTED));
  }

  @Override
  public void abort() {
    end(CloseReason.ABORTED);
  }

  private void fail(Throwable cause) {
    engine.reportFailure(this, cause);
    end(CloseReason.FAILED);
  }

  private void end(CloseReason why) {
    if (state != State.ENDED) {
      reason = why;
      state = State.ENDED;
      boolean aborted = why == CloseReason.ABORTED || why == CloseReason.FAILED;
      if (!aborted || !engine.disconnect(fd)) {
        // SHUT_RD wakes a worker in recv(2) without sending FIN; a writer in send(2) needs both.
        engine.shutdown(fd, aborted && output.isIdle() ? Socket.SHUT_RD : Socket.SHUT_RDWR);
      }
      reading.signal();
      waiting.wake();
    }
  }

  /// The engine ends; what is pending is offered once more.
  void endWithEngine() {
    sendWhatIsTakenAtOnce();
    if (!serial.offer(() -> end(CloseReason.ENGINE_CLOSED))) {
      // Full, or closed because the connection has ended already. Waiting for the turn keeps the
      // descriptor ours.
      serial.run(() -> end(CloseReason.ENGINE_CLOSED));
    }
  }

  /// Says the refusal in the protocol's words: what it writes is offered to the kernel once.
  void refused(Refusal refusal) {
    inTurn(() -> protocol().onRefused(this, refusal));
    sendWhatIsTakenAtOnce();
    state = State.ENDED;
    output.close();
    output.discard();
  }

  // The rest of the contract

  @Override
  public boolean execute(Runnable task) {
    boolean accepted = serial.offer(guarded(task));
    if (accepted && !serial.isOwner()) {
      writeWithoutWaiting();
    }
    return accepted;
  }

  @Override
  public boolean isOwner() {
    return serial.isOwner();
  }

  @Override
  public boolean mayBlock() {
    return true;
  }

  @Override
  public boolean isOpen() {
    return state == State.OPEN;
  }

  @Override
  public void setTimer(long delayNanos) {
    if (state == State.OPEN) {
      timer.set(delayNanos, this::execute, this::timerOver);
    }
  }

  private void timerOver() {
    if (state == State.OPEN) {
      protocol().onTimer(this);
    }
  }

  @Override
  public void cancelTimer() {
    if (state == State.OPEN) {
      timer.cancel();
    }
  }
}
