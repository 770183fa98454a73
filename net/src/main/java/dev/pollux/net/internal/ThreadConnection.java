package dev.pollux.net.internal;

import dev.pollux.net.BufferPool;
import dev.pollux.net.CloseReason;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.sys.CountingKernel;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.Socket;
import dev.pollux.sys.SyscallLedger;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// A connection with a thread of its own, the worker: it sits blocked in recv(2) until the client
/// sends, and in send(2) while the client does not read.
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
final class ThreadConnection extends EngineConnection {
  private static final int WAITING_TASKS = 1024;

  private enum State {
    OPEN,
    CLOSING,
    LINGERING,
    ENDED
  }

  private final ThreadEngine engine;
  private final SerialQueue serial;
  private final OutputQueue output;
  private final SyscallLedger workerLedger = new SyscallLedger();
  private final Runnable afterProgress = this::tellDrained;

  // Guarded by the serial queue.
  private CloseReason reason = CloseReason.CLOSED;
  private boolean endOfInput;
  private @Nullable Future<?> timer;

  private volatile State state = State.OPEN;
  private volatile boolean shutDownSent;

  private final ReadingGate reading = new ReadingGate();

  ThreadConnection(ThreadEngine engine, int fd, @Nullable PeerAddress peer, Protocol protocol) {
    super(fd, peer, protocol);
    this.engine = engine;
    this.serial = new SerialQueue(WAITING_TASKS, this::fail);
    this.output = new OutputQueue(fd, engine.buffers(), engine.options().kernels());
  }

  /// What the worker and the writers have called.
  SyscallLedger.Snapshot systemCalls() {
    return workerLedger.snapshot().plus(output.ledger().snapshot());
  }

  // The worker

  /// Serves the client until it is gone.
  void work() {
    try (Arena arena = Arena.ofConfined()) {
      Kernel kernel = new CountingKernel(engine.options().kernels().apply(arena), workerLedger);
      MemorySegment buffer = arena.allocate(engine.options().receiveBufferBytes(), Long.BYTES);
      inTurn(() -> protocol().onOpen(this));
      writeBlocking();
      while (state != State.ENDED) {
        receive(kernel, buffer);
      }
      finish(kernel, arena);
    }
  }

  private void receive(Kernel kernel, MemorySegment buffer) {
    reading.awaitOpen(this::isOpen);
    int received = kernel.recv(fd, buffer, 0);
    if (received > 0) {
      // Others may have suspended reading while the worker was in the call.
      reading.awaitOpen(this::isOpen);
      inTurn(() -> deliver(buffer, received));
    } else if (received == 0) {
      inTurn(this::inputEnded);
      writeBlocking();
      awaitEndAfterInput();
    } else if (received != -Errno.EINTR) {
      inTurn(() -> end(CloseReason.RESET));
    }
    writeBlocking();
  }

  private void deliver(MemorySegment buffer, int received) {
    if (state == State.OPEN) {
      protocol().onBytes(this, buffer, 0, received);
    }
  }

  private void inputEnded() {
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

  /// The peer sends no more; the connection lives on until it is closed and its output is out.
  private void awaitEndAfterInput() {
    reading.awaitWhile(() -> state == State.OPEN || (state == State.CLOSING && !output.isIdle()));
    inTurn(() -> end(CloseReason.CLOSED));
  }

  private void finish(Kernel kernel, Arena arena) {
    serial.run(this::cancelTimerNow);
    boolean reset = reason == CloseReason.ABORTED || reason == CloseReason.FAILED;
    if (reset) {
      kernel.setsockopt(fd, Socket.SOL_SOCKET, Socket.SO_LINGER, Socket.linger(arena, true, 0));
    }
    if (output.close()) {
      // A writer that is blocked in send(2) comes back from a socket that is shut down.
      kernel.shutdown(fd, Socket.SHUT_RDWR);
      output.awaitNoWriter();
    }
    kernel.close(fd);
    serial.run(() -> protocol().onClosed(this, reason));
    serial.close();
    output.discard();
  }

  // Output

  /// Runs `callback` in turn and hands what it wrote to the writers.
  private void inTurn(Runnable callback) {
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

  private void publish() {
    if (output.hasUnpublished()) {
      if (state == State.OPEN) {
        protocol().onFlush(this);
      }
      output.publish();
    }
    finishOutputIfIdle();
  }

  /// The worker: sends everything, blocked while the client does not read.
  private void writeBlocking() {
    while (output.enter()) {
      int result;
      try {
        result = output.send(0);
      } finally {
        output.leave();
      }
      written(result);
    }
  }

  /// Another thread: sends what the kernel takes at once and leaves the rest to a temporary writer.
  private void writeWithoutWaiting() {
    while (output.enter()) {
      int result = output.send(Socket.MSG_DONTWAIT);
      if (result == -Errno.EAGAIN) {
        // The thread gets the writer's role; if none can be had, this client is served no more.
        if (!engine.startWriter(this)) {
          output.leave();
          written(-Errno.ENOMEM);
        }
        return;
      }
      output.leave();
      written(result);
    }
  }

  /// The temporary writer, which has the writer's role when it starts.
  void writeAsTemporaryWriter() {
    int result;
    try {
      result = output.send(0);
    } finally {
      output.leave();
    }
    written(result);
    writeBlocking();
  }

  private void written(int result) {
    if (result < 0) {
      inTurn(() -> end(CloseReason.RESET));
    } else {
      inTurn(afterProgress);
    }
  }

  private void tellDrained() {
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
  public MemorySegment reserve(int length) {
    return output.reserve(length);
  }

  @Override
  public int reservedOffset() {
    return output.reservedOffset();
  }

  @Override
  public void commit(int length) {
    if (state == State.OPEN) {
      output.commit(length);
    }
  }

  @Override
  public int pendingOutput() {
    return output.pendingBytes();
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
    cancelTimerNow();
    timer =
        engine.schedule(
            engine.options().linger().toNanos(),
            // The worker, blocked in recv(2) or send(2), comes back and sees that it is over.
            () ->
                serial.offer(
                    () -> end(output.isIdle() ? CloseReason.CLOSED : CloseReason.ABORTED)));
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
      // SHUT_RD wakes a worker in recv(2) without sending FIN; a writer in send(2) needs both.
      boolean aborted = why == CloseReason.ABORTED || why == CloseReason.FAILED;
      engine.shutdown(fd, aborted && output.isIdle() ? Socket.SHUT_RD : Socket.SHUT_RDWR);
      reading.signal();
    }
  }

  /// The engine ends; what is pending is offered once more.
  void endWithEngine() {
    output.sendWhatIsTakenAtOnce();
    if (!serial.offer(() -> end(CloseReason.ENGINE_CLOSED))) {
      // Full, or closed because the connection has ended already. Waiting for the turn keeps the
      // descriptor ours.
      serial.run(() -> end(CloseReason.ENGINE_CLOSED));
    }
  }

  /// Says the refusal in the protocol's words: what it writes is offered to the kernel once.
  void refused(Refusal refusal) {
    inTurn(() -> protocol().onRefused(this, refusal));
    output.sendWhatIsTakenAtOnce();
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
      cancelTimerNow();
      timer = engine.schedule(delayNanos, () -> execute(this::timerOver));
    }
  }

  private void timerOver() {
    if (state == State.OPEN) {
      timer = null;
      protocol().onTimer(this);
    }
  }

  @Override
  public void cancelTimer() {
    if (state == State.OPEN) {
      cancelTimerNow();
    }
  }

  private void cancelTimerNow() {
    Future<?> set = timer;
    if (set != null) {
      set.cancel(false);
      timer = null;
    }
  }

  @Override
  public BufferPool buffers() {
    return engine.buffers();
  }
}
