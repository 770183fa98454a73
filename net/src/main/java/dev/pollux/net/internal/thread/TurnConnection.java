package dev.pollux.net.internal.thread;

import dev.pollux.net.BufferPool;
import dev.pollux.net.Owner;
import dev.pollux.net.OwnerLocal;
import dev.pollux.net.Protocol;
import dev.pollux.net.internal.EngineConnection;
import dev.pollux.net.internal.Inbox;
import dev.pollux.net.internal.OwnerLocals;
import dev.pollux.net.internal.PeerAddress;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Socket;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The half of a [ThreadConnection] in which its own threads take turns: who runs the callbacks and
/// the entries of the inbox, and who sends what they wrote.
///
/// ```
///   the worker, with what it received --+                    +--> another turn, after it has sent
///                                       v                    |
///   a courier, for the inbox ------> [Turn] --settle()--> the writer, out of turn: send(2)
/// ```
public abstract class TurnConnection extends EngineConnection implements Owner, Turn.Runner {
  private static final int ROUNDS_MORE = 8;

  public final ThreadEngine engine;
  public final Waiting waiting;
  public final Turn turn = new Turn();
  public final ThreadOutput output;
  public final ReadingGate reading = new ReadingGate();

  /// Whether its worker may wait in send(2) and receive nothing meanwhile. Not that of an outgoing
  /// connection: two ends that both wait for the other to read would wait for ever.
  private final boolean workerWaitsToSend;

  private @Nullable OwnerLocals locals;
  private volatile @Nullable Thread courier;

  public TurnConnection(
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
  }

  // What the state of the connection says to it. In turn.

  /// Any thread.
  public abstract boolean hasEnded();

  /// Lets the protocol encode what it has written, if it is still asked.
  public abstract void tellOfFlush();

  /// The kernel took output.
  public abstract void progressed();

  /// The kernel will take nothing more.
  public abstract void sendFailed();

  /// The turn is about to be given back.
  ///
  /// @param writes whether the calling thread is going to send
  public abstract void afterTake(boolean writes);

  // The courier

  private void callCourier() {
    try {
      if (!engine.couriers().send(this::visit)) {
        // The engine has ended, and the worker is gone: nobody else is here.
        visit();
      }
    } catch (OutOfMemoryError e) {
      // The JVM's word for EAGAIN of clone(2). What waits is not lost: tried again in a while.
      if (!engine.noCourier(this, this::callCourier, e)) {
        turn.isNotCalled();
      }
    }
  }

  private void visit() {
    courier = Thread.currentThread();
    try (Desks.Seat seat = engine.desks().seat()) {
      do {
        turn.enterAsCourier();
      } while (settle(seat, true));
    } finally {
      visited();
    }
  }

  private void visited() {
    if (courier == Thread.currentThread()) {
      courier = null;
    }
  }

  /// The engine ends: a callback that a courier is in should, too.
  public void interruptCourier() {
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

  /// Calls the protocol; if that throws, the connection ends.
  public final void tell(Consumer<TurnConnection> callback) {
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
  public final boolean settle(Desks.Seat seat, boolean asCourier) {
    while (true) {
      boolean writes = false;
      try {
        turn.runEntries(this);
        flush(seat);
        for (int i = 0; i < ROUNDS_MORE && turn.hasEntries(); i++) {
          // Mostly its own: what was received and had to wait until output has drained.
          turn.runEntries(this);
          flush(seat);
        }
        writes = !hasEnded() && output.takeForWriter();
        afterTake(writes);
      } catch (Throwable t) {
        // The turn is given back, whatever happens: another thread would wait for it for ever.
        fail(t);
      }
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

  /// Offers what was written to the kernel, where that does not wait. In turn; throws nothing.
  ///
  /// Who has received calls it itself and not by [#settle]: a frame more on the stack, and the
  /// compiler does not inline the call of the kernel any more, which then makes an object each
  /// time.
  final void flush(Desks.Seat seat) {
    if (!output.isTouched()) {
      return;
    }
    tellOfFlush();
    if (waiting.sendFlags() == Socket.MSG_DONTWAIT && !hasEnded()) {
      try {
        int result = output.sendNow(seat.desk());
        if (result == 0) {
          progressed();
          tellOfFlush();
        } else if (result != -Errno.EAGAIN) {
          sendFailed();
        }
      } catch (Throwable t) {
        fail(t);
      }
    }
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
      sendFailed();
    } else {
      progressed();
    }
  }

  /// A courier that takes the writer's part over from the worker.
  private void writeOn() {
    courier = Thread.currentThread();
    try (Desks.Seat seat = engine.desks().seat()) {
      if (write(seat, true) && settle(seat, true)) {
        callCourier();
      }
    } finally {
      visited();
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
  public int pendingOutput() {
    return output.pendingBytes();
  }

  @Override
  public boolean isPeerTaking(int millis) {
    return engine.calls().isPeerTaking(fd, millis);
  }

  @Override
  public BufferPool buffers() {
    return engine.buffers();
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
  public boolean enter(Inbox.Entry entry) {
    boolean added = add(entry);
    if (added) {
      wake();
    }
    return added;
  }

  @Override
  public boolean add(Runnable entry) {
    return add(new Inbox.Entry(entry, null, false));
  }

  private void enterForOwner(Runnable entry) {
    enter(new Inbox.Entry(entry, null, false));
  }

  private boolean add(Inbox.Entry entry) {
    if (engine.hasEnded()) {
      return false;
    }
    turn.add(entry);
    return true;
  }

  @Override
  public void wake() {
    if (turn.callsCourier()) {
      callCourier();
    }
  }

  @Override
  public int taskCapacity() {
    return engine.options().mailboxCapacity();
  }

  @Override
  public Timer schedule(long delayNanos, Runnable task) {
    ConnectionTimer set = new ConnectionTimer(engine);
    // The owner's, not the connection's: what it throws ends nothing.
    set.set(delayNanos, this::enterForOwner, task);
    return set::cancel;
  }

  @Override
  public <T> T local(OwnerLocal<T> key) {
    OwnerLocals found = OwnerLocals.with(locals, key, this);
    locals = found;
    return found.first(key);
  }
}
