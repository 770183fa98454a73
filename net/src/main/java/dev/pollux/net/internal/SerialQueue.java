package dev.pollux.net.internal;

import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Runs the callbacks and tasks of one connection one at a time, in order, on whatever thread
/// brings them: at once if nobody is at it, else whoever is at it runs them before it leaves.
final class SerialQueue {
  private final ReentrantLock turn = new ReentrantLock();
  private final int capacity;
  private final Consumer<Throwable> onFailure;

  // Guarded by the monitor. Most connections never meet a second thread and have no queue.
  private @Nullable ArrayDeque<Runnable> tasks;
  private boolean closed;

  private volatile int waiting;

  /// @param capacity tasks that may wait
  /// @param onFailure told, inside the queue, of a task that threw
  SerialQueue(int capacity, Consumer<Throwable> onFailure) {
    this.capacity = capacity;
    this.onFailure = onFailure;
  }

  /// Whether the calling thread is running a task of this queue.
  boolean isOwner() {
    return turn.isHeldByCurrentThread();
  }

  /// Runs `task` on the calling thread, after those that wait. It waits only for a task that
  /// another thread runs.
  void run(Runnable task) {
    enter();
    try {
      runOne(task);
    } finally {
      leave();
    }
  }

  /// Begins what [#run] does, for a task that is no object: those that wait are run, and the
  /// calling thread is the owner until it leaves.
  void enter() {
    turn.lock();
    runWaiting();
  }

  /// Ends what [#enter] began.
  void leave() {
    turn.unlock();
    runLeftOver();
  }

  /// Runs `task` soon, on this thread or on the one that is at it; never waits. False if too many
  /// wait or the queue is closed.
  boolean offer(Runnable task) {
    if (!add(task)) {
      return false;
    }
    runLeftOver();
    return true;
  }

  private synchronized boolean add(Runnable task) {
    if (closed || waiting == capacity) {
      return false;
    }
    ArrayDeque<Runnable> queue = tasks;
    if (queue == null) {
      queue = new ArrayDeque<>(4);
      tasks = queue;
    }
    queue.addLast(task);
    waiting = queue.size();
    return true;
  }

  private @Nullable Runnable poll() {
    return waiting == 0 ? null : take();
  }

  private synchronized @Nullable Runnable take() {
    ArrayDeque<Runnable> queue = tasks;
    if (queue == null) {
      return null;
    }
    Runnable task = queue.pollFirst();
    waiting = queue.size();
    return task;
  }

  private synchronized void refuseMore() {
    closed = true;
  }

  /// Runs what was accepted; nothing is any more.
  void close() {
    turn.lock();
    try {
      refuseMore();
      runWaiting();
    } finally {
      turn.unlock();
    }
  }

  private void runLeftOver() {
    // Who could not take the turn has left its task to whoever has it: that one looks again after
    // it gave it up.
    while (waiting > 0 && !turn.isHeldByCurrentThread() && turn.tryLock()) {
      try {
        runWaiting();
      } finally {
        turn.unlock();
      }
    }
  }

  private void runWaiting() {
    for (Runnable task = poll(); task != null; task = poll()) {
      runOne(task);
    }
  }

  private void runOne(Runnable task) {
    try {
      task.run();
    } catch (Throwable t) {
      onFailure.accept(t);
    }
  }
}
