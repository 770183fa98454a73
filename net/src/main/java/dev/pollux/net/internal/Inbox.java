package dev.pollux.net.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// The one way in for what other threads want of an owner: entries, first in, first out.
///
/// ```
///   any thread: add() --> newest -> ... -> oldest      the owner: poll() <-- oldest -> ... -> newest
///                         (one compare-and-set)     ---- taken all at once, turned round ---^
/// ```
///
/// It has no places that could be full: who adds accounts for it. Closing is one more
/// compare-and-set at the same word, so an entry is either run or was refused.
public final class Inbox {
  private static final VarHandle NEWEST;
  private static final Entry CLOSED = new Entry(() -> {}, null, false);

  static {
    try {
      NEWEST = MethodHandles.lookup().findVarHandle(Inbox.class, "newest", Entry.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// Something to run.
  public static final class Entry {
    private final Runnable work;
    private final @Nullable EngineConnection about;
    private final boolean counted;
    private @Nullable Entry next;

    /// @param about the connection that it is for, which ends if the work throws; null for the
    ///   owner
    /// @param counted whether it counts among the tasks that may wait for that connection
    public Entry(Runnable work, @Nullable EngineConnection about, boolean counted) {
      this.work = work;
      this.about = about;
      this.counted = counted;
    }

    public @Nullable EngineConnection about() {
      return about;
    }

    /// The owner, once.
    public void run() {
      if (counted && about != null) {
        about.taskBegins();
      }
      work.run();
    }
  }

  @SuppressWarnings("UnusedVariable") // Read and written through NEWEST.
  private volatile @Nullable Entry newest;

  /// The owner's: what was taken and is still to be run, the oldest first.
  private @Nullable Entry taken;

  /// Any thread. False if the inbox is closed.
  public boolean add(Entry entry) {
    Entry before;
    do {
      before = (Entry) NEWEST.getVolatile(this);
      if (before == CLOSED) {
        return false;
      }
      entry.next = before;
    } while (!NEWEST.compareAndSet(this, before, entry));
    return true;
  }

  /// Whether nothing was added that the owner has not taken yet. Any thread.
  public boolean hasNoNew() {
    Entry seen = (Entry) NEWEST.getVolatile(this);
    return seen == null || seen == CLOSED;
  }

  /// The owner: whether nothing is to be run.
  public boolean isEmpty() {
    return taken == null && hasNoNew();
  }

  /// The owner: takes what was added, unless something that was taken earlier is still to be run.
  public void take() {
    if (taken == null && !hasNoNew()) {
      takeFrom((Entry) NEWEST.getAndSet(this, null));
    }
  }

  /// The owner: the next one of those that were taken, or null.
  public @Nullable Entry poll() {
    Entry first = taken;
    if (first != null) {
      taken = first.next;
      first.next = null;
    }
    return first;
  }

  private void takeFrom(@Nullable Entry newestFirst) {
    Entry oldestFirst = null;
    for (Entry at = newestFirst; at != null; ) {
      Entry older = at.next;
      at.next = oldestFirst;
      oldestFirst = at;
      at = older;
    }
    taken = oldestFirst;
  }

  /// The owner: from now on nothing is accepted, if nothing is left to be run. So what was accepted
  /// has been run before the first one is refused.
  public boolean closeIfEmpty() {
    return taken == null
        && (NEWEST.getVolatile(this) == CLOSED || NEWEST.compareAndSet(this, null, CLOSED));
  }

  /// The owner: from now on nothing is accepted; what was accepted before can still be polled.
  public void close() {
    Entry last = (Entry) NEWEST.getAndSet(this, CLOSED);
    if (last == CLOSED) {
      return;
    }
    Entry before = taken;
    takeFrom(last);
    if (before != null) {
      Entry end = before;
      while (end.next != null) {
        end = end.next;
      }
      end.next = taken;
      taken = before;
    }
  }
}
