package dev.pollux.net.internal.thread;

import dev.pollux.net.internal.Inbox;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.ReentrantLock;

/// The turn of a connection that has a thread of its own: who has it runs the callbacks, and the
/// entries of the inbox before it gives the turn back. Only the connection's own threads take it,
/// its worker and its courier; nobody who sends to the connection ever does.
///
/// ```
///          enter()                       leave()
///   AWAY --------------> PRESENT ------------------------> AWAY
///    |
///    | something waits
///    v      enterAsCourier()
///   CALLED -------------> PRESENT
///    |
///    | enter()                   leave()
///    +----------> CALLED|PRESENT ---------> CALLED
/// ```
///
/// A courier that was called stays so until it comes, whoever has the turn before it: a worker that
/// comes and goes often would else call one each time, more than can come.
///
/// Who leaves says that it is away, then looks at the inbox once more; who adds fills the inbox,
/// then looks whether somebody is there: one of the two sees the other.
public final class Turn {
  private static final byte AWAY = 0;

  /// A courier is on its way.
  private static final byte CALLED = 1;

  /// Somebody has the turn.
  private static final byte PRESENT = 2;

  private static final VarHandle ATTENDANCE;

  static {
    try {
      ATTENDANCE = MethodHandles.lookup().findVarHandle(Turn.class, "attendance", byte.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// Runs an entry; throws nothing.
  @FunctionalInterface
  public interface Runner {
    void run(Inbox.Entry entry);
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Inbox inbox = new Inbox();

  @SuppressWarnings("UnusedVariable") // Read and written through ATTENDANCE.
  private volatile byte attendance = AWAY;

  /// Whether the calling thread has it.
  public boolean isMine() {
    return lock.isHeldByCurrentThread();
  }

  /// Any thread: puts an entry into the inbox; [#callsCourier] has to follow.
  public void add(Inbox.Entry entry) {
    inbox.add(entry);
  }

  /// Any thread, after [#add]: whether a courier has to be called, by this thread.
  public boolean callsCourier() {
    return (byte) ATTENDANCE.getVolatile(this) == AWAY
        && !inbox.hasNoNew()
        && ATTENDANCE.compareAndSet(this, AWAY, CALLED);
  }

  /// The thread that was to call a courier: there is none to be had, so the next one that adds
  /// something calls again.
  public void isNotCalled() {
    ATTENDANCE.compareAndSet(this, CALLED, AWAY);
  }

  /// One of the connection's threads: waits for the other one to leave.
  public void enter() {
    lock.lock();
    ATTENDANCE.getAndBitwiseOr(this, PRESENT);
  }

  /// The courier that was called.
  public void enterAsCourier() {
    lock.lock();
    ATTENDANCE.setVolatile(this, PRESENT);
  }

  /// Runs what waits now; not what comes meanwhile, so that nobody is kept. In turn.
  public void runEntries(Runner runner) {
    inbox.take();
    for (Inbox.Entry entry = inbox.poll(); entry != null; entry = inbox.poll()) {
      runner.run(entry);
    }
  }

  /// In turn: whether something waits.
  public boolean hasEntries() {
    return !inbox.isEmpty();
  }

  /// In turn: gives it back.
  ///
  /// @return whether something waits still, and it is this thread that has to call a courier
  public boolean leave() {
    ATTENDANCE.getAndBitwiseAnd(this, (byte) ~PRESENT);
    boolean calls = callsCourier();
    lock.unlock();
    return calls;
  }
}
