package dev.pollux.net.internal.time;

import dev.pollux.net.Owner;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The timers that belong to a loop and not to one of its connections, any number of them. The
/// loop's thread.
public final class OwnerTimers {
  private final LongSupplier nanoClock;
  private final Consumer<Runnable> run;
  private final TimingWheel wheel;
  private @Nullable Set[] set = new Set[4];

  /// Places of [#set] that are free, the last `freeCount` of them.
  private int[] free = new int[4];

  private int freeCount;
  private int used;

  // Made once: a method reference in each turn would be an allocation.
  private final TimingWheel.Expiry over = this::isOver;

  /// @param run runs a task whose time has come
  public OwnerTimers(LongSupplier nanoClock, Consumer<Runnable> run) {
    this.nanoClock = nanoClock;
    this.run = run;
    this.wheel = new TimingWheel(nanoClock.getAsLong());
  }

  private final class Set implements Owner.Timer {
    private final int place;
    private final Runnable task;

    Set(int place, Runnable task) {
      this.place = place;
      this.task = task;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // The place may be another's by now.
    public void cancel() {
      if (set[place] == this) {
        wheel.cancel(place);
        leave(place);
      }
    }
  }

  public Owner.Timer set(long delayNanos, Runnable task) {
    int place = freeCount > 0 ? free[--freeCount] : used++;
    if (place == set.length) {
      set = Arrays.copyOf(set, place * 2);
      free = Arrays.copyOf(free, place * 2);
    }
    Set timer = new Set(place, task);
    set[place] = timer;
    wheel.set(place, nanoClock.getAsLong(), delayNanos);
    return timer;
  }

  private void leave(int place) {
    set[place] = null;
    free[freeCount++] = place;
  }

  private void isOver(int place) {
    Set timer = set[place];
    if (timer != null) {
      leave(place);
      run.accept(timer.task);
    }
  }

  public void advance() {
    if (used > freeCount) {
      wheel.advance(nanoClock.getAsLong(), over);
    }
  }

  /// Nanoseconds to the earlier one of these timers and what is due in `next` (-1 for nothing).
  public long nanosToNext(long next) {
    if (used == freeCount) {
      return next;
    }
    long mine = wheel.nanosToNext(nanoClock.getAsLong());
    return mine < 0 ? next : next < 0 ? mine : Math.min(mine, next);
  }
}
