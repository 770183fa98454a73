package dev.pollux.net.internal.loop;

import dev.pollux.net.Owner;
import dev.pollux.net.OwnerLocal;
import dev.pollux.net.internal.Counter;
import dev.pollux.net.internal.Inbox;
import dev.pollux.net.internal.OwnerLocals;
import dev.pollux.net.internal.RateLimitedLog;
import dev.pollux.net.internal.SpinDetector;
import dev.pollux.net.internal.time.OwnerTimers;
import java.lang.System.Logger.Level;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// A loop as the [Owner] of its connections: its inbox, the timers that are nobody else's, and in
/// whose callback it is. Only [#add], [#enter], [#wake] and [#isCurrent] are for any thread.
///
/// Around each entry and timer there is a boundary: what is thrown there ends the connection that
/// it is for, and the next one is run.
public final class LoopOwner implements Owner {
  private static final int ENTRIES_PER_TURN = 4096;

  /// Pieces of shared output that the entries of one turn may append before all is flushed: each
  /// costs an object until it is sent.
  private static final int APPENDS_PER_TURN = 64 * 1024;

  private static final int LAST_ROUNDS = 1000;

  private final Inbox inbox = new Inbox();
  private final Wakeup wakeup;
  private final SpinDetector spins;
  private final RateLimitedLog log;
  private final OwnerTimers timers;
  private final Counter failures = new Counter();
  private final String name = Thread.currentThread().getName();

  /// The thread that turns the loop; where one thread turns several (in a simulation), null between
  /// the turns.
  private @Nullable Thread thread = Thread.currentThread();

  private @Nullable OwnerLocals locals;

  /// In whose callback, entry or task the loop is.
  private @Nullable BufferedConnection inTurn;

  /// Pieces of shared output that were appended in this turn.
  private int appends;

  public LoopOwner(Wakeup wakeup, LongSupplier nanoClock, SpinDetector spins, RateLimitedLog log) {
    this.wakeup = wakeup;
    this.spins = spins;
    this.log = log;
    this.timers = new OwnerTimers(nanoClock, this::runTimer);
  }

  // Any thread

  @Override
  public boolean isCurrent() {
    return Thread.currentThread() == thread;
  }

  @Override
  public boolean add(Runnable entry) {
    return inbox.add(new Inbox.Entry(entry, null, false));
  }

  /// Puts an entry into the inbox and wakes the loop. False if it has ended.
  public boolean enter(Inbox.Entry entry) {
    boolean added = inbox.add(entry);
    if (added) {
      wake();
    }
    return added;
  }

  @Override
  public void wake() {
    // The loop itself looks at its inbox before it waits.
    if (!isCurrent()) {
      wakeup.wake();
    }
  }

  public String name() {
    return name;
  }

  public long failures() {
    return failures.get();
  }

  // The loop

  /// For one thread that turns several loops: whose turn it is. Null for nobody's.
  public void ownBy(@Nullable Thread turning) {
    thread = turning;
  }

  public boolean hasEntries() {
    return !inbox.isEmpty();
  }

  /// Runs the entries that wait in the inbox, at most so many in a turn, and the timers that are
  /// over.
  ///
  /// Not those entries that they put there themselves: one that comes back again and again shares
  /// the loop with the connections, and does not keep it.
  public void runEntries() {
    appends = 0;
    inbox.take();
    for (int i = 0; i < ENTRIES_PER_TURN && appends < APPENDS_PER_TURN; i++) {
      Inbox.Entry entry = inbox.poll();
      if (entry == null) {
        break;
      }
      run(entry);
    }
    timers.advance();
  }

  private void run(Inbox.Entry entry) {
    spins.progress();
    BufferedConnection about = (BufferedConnection) entry.about();
    BufferedConnection before = enterTurn(about);
    try {
      entry.run();
    } catch (Throwable t) {
      if (about == null) {
        reportFailure("a task of " + name + " failed", t);
      } else {
        about.fail(t);
      }
    } finally {
      leaveTurn(before);
    }
  }

  private void runTimer(Runnable task) {
    spins.progress();
    try {
      task.run();
    } catch (Throwable t) {
      reportFailure("a timer of " + name + " failed", t);
    }
  }

  /// Shared output was appended to one of the loop's connections.
  public void noteAppend() {
    appends++;
  }

  /// Runs all that was accepted, and accepts no more: the connections have ended.
  ///
  /// @param endConnections ends those that an entry has brought (accepted ones), after each round
  public void closeInbox(Runnable endConnections) {
    for (int i = 0; i < LAST_ROUNDS && !inbox.closeIfEmpty(); i++) {
      runEntries();
      endConnections.run();
    }
    // Still not: something puts itself there again and again.
    inbox.close();
    for (Inbox.Entry entry = inbox.poll(); entry != null; entry = inbox.poll()) {
      run(entry);
    }
    endConnections.run();
  }

  /// A callback, entry or task of `connection` begins (null: one of nobody's); returns whose it
  /// interrupts.
  public @Nullable BufferedConnection enterTurn(@Nullable BufferedConnection connection) {
    BufferedConnection before = inTurn;
    inTurn = connection;
    return before;
  }

  public void leaveTurn(@Nullable BufferedConnection before) {
    inTurn = before;
  }

  @SuppressWarnings("ReferenceEquality") // The very same connection is meant.
  public boolean isInTurn(BufferedConnection connection) {
    return isCurrent() && inTurn == connection;
  }

  // Timers, and what is kept for the floors above

  @Override
  public Timer schedule(long delayNanos, Runnable task) {
    return timers.set(delayNanos, task);
  }

  /// Nanoseconds to the earlier one of its timers and what is due in `next` (-1 for nothing).
  public long nanosToNextTimer(long next) {
    return timers.nanosToNext(next);
  }

  @Override
  public <T> T local(OwnerLocal<T> key) {
    OwnerLocals found = OwnerLocals.with(locals, key, this);
    locals = found;
    return found.first(key);
  }

  // Failures

  public void reportFailure(String what, Throwable cause) {
    reportFailure("", what, cause);
  }

  /// Throws nothing: what it says is put together here.
  public void reportFailure(Object who, String what, Throwable cause) {
    failures.increment();
    try {
      log.log(Level.ERROR, who + what, cause);
    } catch (Throwable t) {
      // Out of memory, or a log that fails itself: it is counted at least.
      failures.increment();
    }
  }
}
