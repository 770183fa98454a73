package dev.pollux.net.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// A bounded queue of tasks from any thread to one owner, first in, first out.
///
/// A producer takes a place by advancing `tail`, then publishes its task there; the owner takes
/// tasks in the order of the places. [#close] marks `tail`, so that after it no place can be taken
/// and everything taken before is still delivered: a task that was accepted is never lost.
final class Mailbox {
  private static final VarHandle TASKS = MethodHandles.arrayElementVarHandle(Runnable[].class);
  private static final VarHandle TAIL;
  private static final VarHandle HEAD;
  private static final long CLOSED = 1L << 62;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      TAIL = lookup.findVarHandle(Mailbox.class, "tail", long.class);
      HEAD = lookup.findVarHandle(Mailbox.class, "head", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final @Nullable Runnable[] tasks;
  private final int mask;

  @SuppressWarnings("UnusedVariable") // Read and written through TAIL.
  private volatile long tail;

  @SuppressWarnings("UnusedVariable") // Read and written through HEAD.
  private volatile long head;

  /// @param capacity how many tasks may wait, rounded up to a power of two
  Mailbox(int capacity) {
    int size = Integer.highestOneBit(Math.max(2, capacity) - 1) << 1;
    tasks = new Runnable[size];
    mask = size - 1;
  }

  /// Any thread. False if the mailbox is full or closed.
  boolean offer(Runnable task) {
    long place;
    do {
      place = (long) TAIL.getVolatile(this);
      if ((place & CLOSED) != 0 || place - (long) HEAD.getVolatile(this) > mask) {
        return false;
      }
    } while (!TAIL.compareAndSet(this, place, place + 1));
    TASKS.setRelease(tasks, (int) place & mask, task);
    return true;
  }

  /// The owner. The next task, or null if there is none (or none published yet).
  @Nullable Runnable poll() {
    long place = (long) HEAD.getOpaque(this);
    int index = (int) place & mask;
    Runnable task = (Runnable) TASKS.getAcquire(tasks, index);
    if (task != null) {
      TASKS.setOpaque(tasks, index, null);
      HEAD.setRelease(this, place + 1);
    }
    return task;
  }

  /// Whether no place is taken: a task whose publication is under way counts. Any thread.
  boolean isEmpty() {
    return ((long) TAIL.getVolatile(this) & ~CLOSED) == (long) HEAD.getVolatile(this);
  }

  /// How many places are taken. Any thread; a moment later there may be more.
  int size() {
    return (int) (((long) TAIL.getVolatile(this) & ~CLOSED) - (long) HEAD.getVolatile(this));
  }

  /// The owner. From now on nothing is accepted; what was accepted before can still be polled,
  /// until [#isEmpty].
  void close() {
    TAIL.getAndBitwiseOr(this, CLOSED);
  }
}
