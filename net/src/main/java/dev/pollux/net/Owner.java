package dev.pollux.net;

/// Who runs the callbacks of connections: an event loop, which has many of them, or, for a
/// connection with a thread of its own, whoever has that connection's turn.
///
/// Every other thread reaches it by its *inbox* alone: first in, first out, with as many places as
/// it takes. What lies there is bounded by those who put it there, in bytes ([Connection#enter]
/// says for whom), so that nothing that was accepted is lost or changes places. The owner is woken
/// once for all that lies in it.
public interface Owner {

  /// Whether the calling thread is this owner at the moment. Any thread.
  boolean isCurrent();

  /// Puts an entry into the inbox and wakes the owner. Any thread, the owner itself too, which runs
  /// it later all the same. Entries are run in the order in which they were put there. What an
  /// entry throws is logged and counted and ends no connection (what belongs to one goes by
  /// [Connection#enter]); the next entry is run.
  ///
  /// @return false if the owner has ended: nothing of it is run then, and everything that was
  ///   accepted before has been
  default boolean enter(Runnable entry) {
    boolean added = add(entry);
    if (added) {
      wake();
    }
    return added;
  }

  /// [#enter] without the waking, for who puts entries into several inboxes under a lock: [#wake]
  /// has to follow. Any thread.
  boolean add(Runnable entry);

  /// Wakes the owner, if it waits and there is something in its inbox. Any thread.
  void wake();

  /// Runs `task` after `delayNanos`, at the resolution of tens of milliseconds and never early. Any
  /// number of timers may be set. The owner only.
  Timer schedule(long delayNanos, Runnable task);

  /// What is kept for `key` with this owner; made when it is asked for the first time. The owner
  /// only.
  <T> T local(OwnerLocal<T> key);

  /// A timer that was set.
  interface Timer {
    /// Takes it back, unless it is over. The owner only.
    void cancel();
  }
}
