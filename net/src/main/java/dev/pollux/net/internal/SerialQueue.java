package dev.pollux.net.internal;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Runs the callbacks and tasks of one connection one at a time, in order, on whatever thread
/// brings them: at once if nobody is at it, else whoever is at it runs them before it leaves.
final class SerialQueue {
  private final ReentrantLock turn = new ReentrantLock();
  private final Mailbox tasks;
  private final Consumer<Throwable> onFailure;

  /// @param capacity tasks that may wait
  /// @param onFailure told, inside the queue, of a task that threw
  SerialQueue(int capacity, Consumer<Throwable> onFailure) {
    this.tasks = new Mailbox(capacity);
    this.onFailure = onFailure;
  }

  /// Whether the calling thread is running a task of this queue.
  boolean isOwner() {
    return turn.isHeldByCurrentThread();
  }

  /// Runs `task` on the calling thread, after those that wait. It waits only for a task that
  /// another thread runs.
  void run(Runnable task) {
    turn.lock();
    try {
      runWaiting();
      runOne(task);
    } finally {
      turn.unlock();
    }
    runLeftOver();
  }

  /// Runs `task` soon, on this thread or on the one that is at it; never waits. False if too many
  /// wait or the queue is closed.
  boolean offer(Runnable task) {
    if (!tasks.offer(task)) {
      return false;
    }
    runLeftOver();
    return true;
  }

  /// Runs what was accepted; nothing is any more.
  void close() {
    turn.lock();
    try {
      tasks.close();
      while (!tasks.isEmpty()) {
        runWaiting();
      }
    } finally {
      turn.unlock();
    }
  }

  private void runLeftOver() {
    // Who could not take the turn has left its task to whoever has it: that one looks again after
    // it gave it up.
    while (!tasks.isEmpty() && !turn.isHeldByCurrentThread() && turn.tryLock()) {
      try {
        runWaiting();
      } finally {
        turn.unlock();
      }
    }
  }

  private void runWaiting() {
    for (@Nullable Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
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
