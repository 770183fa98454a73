package dev.pollux.net.internal.time;

import java.util.Arrays;

/// One timer per small number (a descriptor), in flat arrays: setting, cancelling and expiring cost
/// the same however many there are, and allocate nothing.
///
/// The time is cut into ticks, and the ticks go round a wheel of slots. A slot is a doubly linked
/// list of the timers that end in one of its ticks; those of a later round are passed over. Never
/// early, late by a tick at most (and by whatever the loop is late).
public final class TimingWheel {
  public static final int TICK_SHIFT = 24; // 2^24 ns: 16.8 ms
  private static final int SLOTS = 512;
  private static final int NONE = -1;
  private static final int EXPIRING = -2;

  private final int[] firstInSlot = new int[SLOTS];
  private int[] next = new int[0];
  private int[] previous = new int[0];
  private long[] deadlineTick = new long[0];
  private int[] slotOf = new int[0];
  private int[] expiring = new int[16];
  private long currentTick;
  private int count;

  /// Told of a timer that is over. It may set and cancel timers.
  @FunctionalInterface
  public interface Expiry {
    void onExpired(int id);
  }

  public TimingWheel(long nowNanos) {
    Arrays.fill(firstInSlot, NONE);
    currentTick = nowNanos >> TICK_SHIFT;
  }

  /// Sets the timer of `id`, which replaces the one that it may have.
  public void set(int id, long nowNanos, long delayNanos) {
    ensure(id);
    cancel(id);
    long end = nowNanos + Math.max(0, delayNanos);
    long tick = Math.max(currentTick, (end - 1) >> TICK_SHIFT) + 1;
    int slot = (int) tick & SLOTS - 1;
    deadlineTick[id] = tick;
    slotOf[id] = slot;
    previous[id] = NONE;
    next[id] = firstInSlot[slot];
    if (next[id] != NONE) {
      previous[next[id]] = id;
    }
    firstInSlot[slot] = id;
    count++;
  }

  /// Takes the timer of `id` back, if it has one.
  public void cancel(int id) {
    if (id >= slotOf.length || slotOf[id] == NONE) {
      return;
    }
    if (slotOf[id] == EXPIRING) {
      slotOf[id] = NONE;
      return;
    }
    if (previous[id] == NONE) {
      firstInSlot[slotOf[id]] = next[id];
    } else {
      next[previous[id]] = next[id];
    }
    if (next[id] != NONE) {
      previous[next[id]] = previous[id];
    }
    slotOf[id] = NONE;
    count--;
  }

  /// Tells `expiry` of every timer that is over at `nowNanos`, and returns how many there were.
  public int advance(long nowNanos, Expiry expiry) {
    long target = nowNanos >> TICK_SHIFT;
    if (count == 0) {
      currentTick = Math.max(currentTick, target);
      return 0;
    }
    int expired = 0;
    while (currentTick < target) {
      // After a long pause one round sees every slot: the ticks before it have nothing of their
      // own.
      currentTick = Math.max(currentTick + 1, target - SLOTS + 1);
      expired += expireSlot((int) currentTick & SLOTS - 1, target, expiry);
    }
    return expired;
  }

  /// Nanoseconds from `nowNanos` to the tick of the next timer, or to the end of this round; -1 if
  /// there is none.
  public long nanosToNext(long nowNanos) {
    if (count == 0) {
      return -1;
    }
    long tick = currentTick + 1;
    while (tick < currentTick + SLOTS && firstInSlot[(int) tick & SLOTS - 1] == NONE) {
      tick++;
    }
    return Math.max(0, (tick << TICK_SHIFT) - nowNanos);
  }

  private int expireSlot(int slot, long target, Expiry expiry) {
    int found = 0;
    for (int id = firstInSlot[slot], after; id != NONE; id = after) {
      after = next[id];
      if (deadlineTick[id] <= target) {
        cancel(id);
        slotOf[id] = EXPIRING;
        if (found == expiring.length) {
          expiring = Arrays.copyOf(expiring, found * 2);
        }
        expiring[found++] = id;
      }
    }
    int expired = 0;
    for (int i = 0; i < found; i++) {
      int id = expiring[i];
      // An earlier callback of this round may have cancelled it or set it anew.
      if (slotOf[id] == EXPIRING) {
        slotOf[id] = NONE;
        expired++;
        expiry.onExpired(id);
      }
    }
    return expired;
  }

  private void ensure(int id) {
    int before = slotOf.length;
    if (id >= before) {
      int size = Math.max(id + 1, before * 2);
      next = Arrays.copyOf(next, size);
      previous = Arrays.copyOf(previous, size);
      deadlineTick = Arrays.copyOf(deadlineTick, size);
      slotOf = Arrays.copyOf(slotOf, size);
      Arrays.fill(slotOf, before, size, NONE);
    }
  }
}
