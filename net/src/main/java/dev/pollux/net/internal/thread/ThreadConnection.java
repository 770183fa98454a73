package dev.pollux.net.internal.thread;

import dev.pollux.net.CloseReason;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.net.internal.PeerAddress;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.Socket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A connection with a thread of its own, the worker: it waits in or before recv(2) until the
/// client sends, and in or before send(2) while the client does not read ([Waiting]).
///
/// ```
///   OPEN --close()--> CLOSING --output taken, FIN sent--> LINGERING --FIN came, or shut down by the timer--+
///     +------------------+-------- abort, reset -------------------------------------------------------+--> ENDED
/// ```
///
/// Callbacks run in the connection's [Turn]: on the worker, or, while that is in a call or parked,
/// on a courier ([Couriers]) that brings what others want. So it is its own [Owner], and whoever
/// wants something of it leaves that in its inbox and waits for nobody. Only the worker closes the
/// descriptor; others that want it to end shut the socket down, which wakes the worker (a close(2)
/// would not).
public final class ThreadConnection extends TurnConnection {

  private enum State {
    OPEN,
    CLOSING,
    LINGERING,
    ENDED
  }

  /// Looks after a timer is over, each after twice the time of the one before: five seconds.
  private static final int MOST_LOOKS = 9;

  private static final long FIRST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  // In turn.
  private final ConnectionTimer timer;
  private CloseReason reason = CloseReason.CLOSED;
  private boolean endOfInput;

  /// Bytes that the worker has received and brought here.
  private long receivedBytes;

  /// How often it was looked whether there is something to receive, since the timer is over.
  private int looks;

  private volatile State state = State.OPEN;
  private volatile boolean shutDownSent;

  public ThreadConnection(
      ThreadEngine engine,
      int fd,
      @Nullable PeerAddress peer,
      Protocol protocol,
      Waiting waiting,
      boolean outgoing) {
    super(engine, fd, peer, protocol, waiting, outgoing);
    this.timer = new ConnectionTimer(engine);
  }

  // The worker

  public void open(Desks.Seat seat) {
    turn.enter();
    tell(opened -> opened.protocol().onOpen(opened));
    settle(seat, false);
  }

  public void received(Desks.Seat seat, MemorySegment buffer, int length) {
    turn.enter();
    receivedBytes += length;
    try {
      if (state == State.OPEN) {
        protocol().onBytes(this, buffer, 0, length);
      }
      flush(seat);
    } catch (Throwable t) {
      fail(t);
    }
    settle(seat, false);
  }

  public void inputEnded(Desks.Seat seat) {
    turn.enter();
    if (state == State.OPEN) {
      if (!endOfInput) {
        endOfInput = true;
        tell(told -> told.protocol().onEndOfInput(told));
      }
    } else if (state == State.LINGERING || shutDownSent) {
      end(CloseReason.CLOSED);
    } else {
      endOfInput = true;
    }
    settle(seat, false);
  }

  /// Whether the peer, who sends no more, is still to be served: the connection is not closed, or
  /// its output is not out.
  public boolean outlivesItsInput() {
    return state == State.OPEN || (state == State.CLOSING && !shutDownSent);
  }

  public void endFor(Desks.Seat seat, CloseReason why) {
    turn.enter();
    end(why);
    settle(seat, false);
  }

  /// Something that is the worker's own has thrown.
  public void failed(Desks.Seat seat, Throwable cause) {
    turn.enter();
    fail(cause);
    settle(seat, false);
  }

  @Override
  public boolean hasEnded() {
    return state == State.ENDED;
  }

  /// The worker's last act, when the connection has ended: the descriptor goes, and the protocol is
  /// told.
  public void finish(Desks.Seat seat) {
    turn.enter();
    // Who ended it has left the turn, and touches the descriptor no more.
    timer.cancel();
    settle(seat, false);
    CloseReason why = reason;
    if (why == CloseReason.ABORTED || why == CloseReason.FAILED) {
      attempt(() -> resetOnClose(seat.desk().kernel()));
    }
    if (output.hasWriter()) {
      // One that is in send(2) comes back from a socket that is shut down.
      engine.calls().shutdownSurely(fd, Socket.SHUT_RDWR);
      waiting.wake();
      reading.awaitWhile(output::hasWriter);
    }
    attempt(() -> engine.forget(waiting));
    attempt(() -> seat.desk().kernel().close(fd));
    turn.enter();
    tell(told -> told.protocol().onClosed(told, why));
    settle(seat, false);
  }

  /// A step of the end: whatever it throws, the next one follows.
  private void attempt(Runnable step) {
    try {
      step.run();
    } catch (Throwable t) {
      engine.reportFailure(this, " did not end as it should", t);
    }
  }

  private void resetOnClose(Kernel kernel) {
    try (Arena arena = Arena.ofConfined()) {
      kernel.setsockopt(fd, Socket.SOL_SOCKET, Socket.SO_LINGER, Socket.linger(arena, true, 0));
    }
  }

  // Output

  @Override
  public void tellOfFlush() {
    if (state == State.OPEN && output.isTouched()) {
      tell(told -> told.protocol().onFlush(told));
    }
  }

  @Override
  public void progressed() {
    if (state == State.OPEN) {
      tell(told -> told.protocol().onDrained(told));
    } else if (state == State.CLOSING) {
      // It goes on: the peer has its time anew.
      setLinger();
    }
  }

  @Override
  public void sendFailed() {
    end(CloseReason.RESET);
  }

  @Override
  public void afterTake(boolean writes) {
    if (state == State.ENDED) {
      output.discard();
      return;
    }
    if (state == State.CLOSING && !shutDownSent && !writes && !output.hasWriter()) {
      shutDownSent = true;
      state = State.LINGERING;
      engine.calls().shutdown(fd, Socket.SHUT_WR);
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
    looks = 0;
    timer.set(engine.options().linger().toNanos(), this::enter, this::lingerOver);
  }

  private void lingerOver() {
    if (looksAgain(this::lingerOver)) {
      return;
    }
    // The worker comes back from where it waits and sees that it is over.
    end(shutDownSent ? CloseReason.CLOSED : CloseReason.ABORTED);
  }

  @Override
  public void abort() {
    end(CloseReason.ABORTED);
  }

  @Override
  public void fail(Throwable cause) {
    engine.reportFailure(this, " failed and is aborted", cause);
    end(CloseReason.FAILED);
  }

  private void end(CloseReason why) {
    if (state != State.ENDED) {
      reason = why;
      state = State.ENDED;
      boolean aborted = why == CloseReason.ABORTED || why == CloseReason.FAILED;
      if (!aborted || !engine.calls().disconnect(fd)) {
        // SHUT_RD wakes a worker in recv(2) without sending FIN; a writer in send(2) needs both.
        engine
            .calls()
            .shutdownSurely(fd, aborted && !output.hasWriter() ? Socket.SHUT_RD : Socket.SHUT_RDWR);
      }
      reading.signal();
      waiting.wake();
    }
  }

  /// The engine ends; what is pending is offered once more. Any thread.
  public void endWithEngine() {
    enter(() -> {
      if (state != State.ENDED) {
        sendWhatIsTakenAtOnce();
        end(CloseReason.ENGINE_CLOSED);
      }
    });
  }

  private void sendWhatIsTakenAtOnce() {
    try (Desks.Seat seat = engine.desks().seat()) {
      tellOfFlush();
      output.sendNow(seat.desk());
    }
  }

  /// Says the refusal in the protocol's words: what it writes is offered to the kernel once. By who
  /// accepted it, as its only thread.
  public void refused(Refusal refusal) {
    turn.enter();
    try {
      tell(told -> told.protocol().onRefused(told, refusal));
      sendWhatIsTakenAtOnce();
    } finally {
      state = State.ENDED;
      output.discard();
      turn.leave();
    }
  }

  // The rest of the contract

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
      looks = 0;
      timer.set(delayNanos, this::enter, this::timerOver);
    }
  }

  private void timerOver() {
    if (state == State.OPEN && !looksAgain(this::timerOver)) {
      protocol().onTimer(this);
    }
  }

  /// What the timer was set for may lie in the socket, or be in the hands of the worker, who has
  /// received it and waits for its turn: as long as something does, `over` is called again in a
  /// while, but not for ever for one that never pauses.
  private boolean looksAgain(Runnable over) {
    boolean again =
        looks < MOST_LOOKS
            && !endOfInput
            && !(reading.isSuspended() && state == State.OPEN)
            && engine.calls().bytesFromPeer(fd) > receivedBytes;
    if (again) {
      timer.set(FIRST_LOOK_NANOS << looks++, this::enter, over);
    }
    return again;
  }

  @Override
  public void cancelTimer() {
    if (state == State.OPEN) {
      timer.cancel();
    }
  }
}
