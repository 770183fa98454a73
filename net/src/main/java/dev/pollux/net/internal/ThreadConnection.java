package dev.pollux.net.internal;

import dev.pollux.net.BufferPool;
import dev.pollux.net.CloseReason;
import dev.pollux.net.Owner;
import dev.pollux.net.OwnerLocal;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.Socket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
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
final class ThreadConnection extends EngineConnection implements Owner, Turn.Runner {

  private enum State {
    OPEN,
    CLOSING,
    LINGERING,
    ENDED
  }

  private final ThreadEngine engine;
  private final Waiting waiting;
  private final Turn turn = new Turn();
  private final ThreadOutput output;
  private final ReadingGate reading = new ReadingGate();

  /// Whether its worker may wait in send(2) and receive nothing meanwhile. Not that of an outgoing
  /// connection: two ends that both wait for the other to read would wait for ever.
  private final boolean workerWaitsToSend;

  // In turn.
  private final ConnectionTimer timer;
  private CloseReason reason = CloseReason.CLOSED;
  private boolean endOfInput;
  private @Nullable OwnerLocals locals;

  private volatile State state = State.OPEN;
  private volatile boolean shutDownSent;
  private volatile @Nullable Thread courier;

  ThreadConnection(
      ThreadEngine engine,
      int fd,
      @Nullable PeerAddress peer,
      Protocol protocol,
      Waiting waiting,
      boolean outgoing) {
    super(fd, peer, protocol);
    this.engine = engine;
    this.waiting = waiting;
    this.workerWaitsToSend = !outgoing;
    this.output = new ThreadOutput(fd, engine.buffers());
    this.timer = new ConnectionTimer(engine);
  }

  Waiting waiting() {
    return waiting;
  }

  ReadingGate reading() {
    return reading;
  }

  // The worker

  void open(Desks.Seat seat) {
    turn.enter();
    tell(opened -> opened.protocol().onOpen(opened));
    settle(seat, false);
  }

  void received(Desks.Seat seat, MemorySegment buffer, int length) {
    turn.enter();
    try {
      if (state == State.OPEN) {
        protocol().onBytes(this, buffer, 0, length);
      }
    } catch (Throwable t) {
      fail(t);
    }
    settle(seat, false);
  }

  void inputEnded(Desks.Seat seat) {
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
  boolean outlivesItsInput() {
    return state == State.OPEN || (state == State.CLOSING && !shutDownSent);
  }

  void endFor(Desks.Seat seat, CloseReason why) {
    turn.enter();
    end(why);
    settle(seat, false);
  }

  /// Something that is the worker's own has thrown.
  void failed(Desks.Seat seat, Throwable cause) {
    turn.enter();
    fail(cause);
    settle(seat, false);
  }

  boolean hasEnded() {
    return state == State.ENDED;
  }

  /// The worker's last act, when the connection has ended: the descriptor goes, and the protocol is
  /// told.
  void finish(Desks.Seat seat) {
    turn.enter();
    // Who ended it has left the turn, and touches the descriptor no more.
    timer.cancel();
    settle(seat, false);
    Kernel kernel = seat.desk().kernel();
    try {
      if (reason == CloseReason.ABORTED || reason == CloseReason.FAILED) {
        try (Arena arena = Arena.ofConfined()) {
          kernel.setsockopt(fd, Socket.SOL_SOCKET, Socket.SO_LINGER, Socket.linger(arena, true, 0));
        }
      }
      if (output.hasWriter()) {
        // One that is in send(2) comes back from a socket that is shut down.
        kernel.shutdown(fd, Socket.SHUT_RDWR);
        waiting.wake();
        reading.awaitWhile(output::hasWriter);
      }
      engine.forget(waiting);
    } finally {
      kernel.close(fd);
      turn.enter();
      tell(told -> told.protocol().onClosed(told, told.reason));
      settle(seat, false);
    }
  }

  // The courier

  private void callCourier() {
    try {
      if (!engine.couriers().send(this::visit)) {
        // The engine has ended, and the worker is gone: nobody else is here.
        visit();
      }
    } catch (OutOfMemoryError e) {
      // The JVM's word for EAGAIN of clone(2). What waits is not lost: tried again in a while.
      engine.noCourier(this, this::callCourier, e);
    }
  }

  private void visit() {
    courier = Thread.currentThread();
    try (Desks.Seat seat = engine.desks().seat()) {
      do {
        turn.enter();
      } while (settle(seat, true));
    } finally {
      courier = null;
    }
  }

  /// The engine ends: a callback that a courier is in should, too.
  void interruptCourier() {
    Thread visiting = courier;
    if (visiting != null) {
      visiting.interrupt();
    }
  }

  // In turn

  @Override
  public void run(Inbox.Entry entry) {
    try {
      entry.run();
    } catch (Throwable t) {
      if (entry.about() == null) {
        engine.reportFailure("a task of " + this + " failed", t);
      } else {
        fail(t);
      }
    }
  }

  private void tell(Consumer<ThreadConnection> callback) {
    try {
      callback.accept(this);
    } catch (Throwable t) {
      fail(t);
    }
  }

  /// Runs what waits, gives the turn back, and sends what was written as long as that is nobody
  /// else's task.
  ///
  /// @return for a courier: whether something waits still, which it has to see to
  private boolean settle(Desks.Seat seat, boolean asCourier) {
    while (true) {
      turn.runEntries(this);
      flush(seat);
      boolean writes = takeOutput();
      boolean calls = turn.leave();
      boolean again = calls && asCourier && !writes;
      if (calls && !again) {
        callCourier();
      }
      if (!writes) {
        return again;
      }
      if (!write(seat, asCourier)) {
        return false;
      }
    }
  }

  private void flush(Desks.Seat seat) {
    if (!output.isTouched()) {
      return;
    }
    tellOfFlush();
    if (waiting.sendFlags() == Socket.MSG_DONTWAIT && state != State.ENDED) {
      try {
        int result = output.sendNow(seat.desk());
        if (result == 0) {
          progressed();
          tellOfFlush();
        } else if (result != -Errno.EAGAIN) {
          end(CloseReason.RESET);
        }
      } catch (Throwable t) {
        fail(t);
      }
    }
  }

  private void tellOfFlush() {
    if (state == State.OPEN && output.isTouched()) {
      tell(told -> told.protocol().onFlush(told));
    }
  }

  private void progressed() {
    if (state == State.OPEN) {
      tell(told -> told.protocol().onDrained(told));
    } else if (state == State.CLOSING) {
      // It goes on: the peer has its time anew.
      setLinger();
    }
  }

  /// Whether the calling thread has become the writer.
  private boolean takeOutput() {
    if (state == State.ENDED) {
      output.discard();
      return false;
    }
    boolean writes = output.takeForWriter();
    if (state == State.CLOSING && !shutDownSent && !writes && !output.hasWriter()) {
      shutDownSent = true;
      state = State.LINGERING;
      engine.shutdown(fd, Socket.SHUT_WR);
      if (endOfInput) {
        end(CloseReason.CLOSED);
      }
      reading.signal();
    }
    return writes;
  }

  // The writer, out of turn

  /// Sends what was taken. True if the calling thread is back in turn; false if another one has
  /// taken the writer's part.
  private boolean write(Desks.Seat seat, boolean asCourier) {
    int result = 0;
    Throwable thrown = null;
    try {
      boolean waits = asCourier || workerWaitsToSend;
      int flags = waits ? waiting.sendFlags() : Socket.MSG_DONTWAIT;
      result = output.send(seat.desk(), flags);
      while (result == -Errno.EAGAIN) {
        if (!waits) {
          if (engine.couriers().send(this::writeOn)) {
            return false;
          }
          break;
        }
        seat.leave();
        waiting.awaitWritable();
        result = output.send(seat.desk(), flags);
      }
    } catch (Throwable t) {
      thrown = t;
    }
    written(result, thrown);
    return true;
  }

  private void written(int result, @Nullable Throwable thrown) {
    turn.enter();
    output.writerIsDone();
    // The worker may wait for that, in order to close the descriptor.
    reading.signal();
    if (thrown != null) {
      fail(thrown);
    } else if (result < 0) {
      end(CloseReason.RESET);
    } else {
      progressed();
    }
  }

  /// A courier that takes the writer's part over from the worker.
  private void writeOn() {
    try (Desks.Seat seat = engine.desks().seat()) {
      if (write(seat, true) && settle(seat, true)) {
        callCourier();
      }
    }
  }

  // Output

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

  @Override
  public BufferPool buffers() {
    return engine.buffers();
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
        this::enter,
        // The worker comes back from where it waits and sees that it is over.
        () -> end(shutDownSent ? CloseReason.CLOSED : CloseReason.ABORTED));
  }

  @Override
  public void abort() {
    end(CloseReason.ABORTED);
  }

  @Override
  public void fail(Throwable cause) {
    engine.reportFailure(this + " failed and is aborted", cause);
    end(CloseReason.FAILED);
  }

  private void end(CloseReason why) {
    if (state != State.ENDED) {
      reason = why;
      state = State.ENDED;
      boolean aborted = why == CloseReason.ABORTED || why == CloseReason.FAILED;
      if (!aborted || !engine.disconnect(fd)) {
        // SHUT_RD wakes a worker in recv(2) without sending FIN; a writer in send(2) needs both.
        engine.shutdown(fd, aborted && !output.hasWriter() ? Socket.SHUT_RD : Socket.SHUT_RDWR);
      }
      reading.signal();
      waiting.wake();
    }
  }

  /// The engine ends; what is pending is offered once more. Any thread.
  void endWithEngine() {
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
  void refused(Refusal refusal) {
    turn.enter();
    tell(told -> told.protocol().onRefused(told, refusal));
    sendWhatIsTakenAtOnce();
    state = State.ENDED;
    output.discard();
    turn.leave();
  }

  // The owner

  @Override
  public Owner owner() {
    return this;
  }

  @Override
  public boolean isCurrent() {
    return turn.isMine();
  }

  @Override
  public boolean isInTurn() {
    return turn.isMine();
  }

  @Override
  boolean enter(Inbox.Entry entry) {
    turn.add(entry);
    wake();
    return true;
  }

  @Override
  public boolean add(Runnable entry) {
    return turn.add(new Inbox.Entry(entry, null, false));
  }

  @Override
  public void wake() {
    if (turn.callsCourier()) {
      callCourier();
    }
  }

  @Override
  int taskCapacity() {
    return engine.options().mailboxCapacity();
  }

  @Override
  public Timer schedule(long delayNanos, Runnable task) {
    ConnectionTimer set = new ConnectionTimer(engine);
    set.set(delayNanos, this::enter, task);
    return set::cancel;
  }

  @Override
  public <T> T local(OwnerLocal<T> key) {
    OwnerLocals found = OwnerLocals.with(locals, key, this);
    locals = found;
    return found.first(key);
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
      timer.set(delayNanos, this::enter, this::timerOver);
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
