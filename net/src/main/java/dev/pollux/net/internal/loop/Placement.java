package dev.pollux.net.internal.loop;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Where a newcomer goes: to the loop with the fewest connections of those that keep up.
///
/// A loop lags while it is seen in one and the same turn for longer than so much: a handler holds
/// it, or it has more to do than it can. If all do, the fewest connections decide. The accepting
/// thread's.
final class Placement {
  static final long LAGS_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final List<Loop> loops;
  private final LongSupplier nanoClock;
  private final long[] seen;
  private final long[] sinceNanos;

  Placement(List<Loop> loops, LongSupplier nanoClock) {
    this.loops = loops;
    this.nanoClock = nanoClock;
    this.seen = new long[loops.size()];
    this.sinceNanos = new long[loops.size()];
  }

  Loop choose() {
    long now = nanoClock.getAsLong();
    Loop least = null;
    Loop leastOfAll = loops.get(0);
    for (int i = 0; i < seen.length; i++) {
      Loop loop = loops.get(i);
      if (loop.load().get() < leastOfAll.load().get()) {
        leastOfAll = loop;
      }
      if (!lags(i, loop.mark().get(), now)
          && (least == null || loop.load().get() < least.load().get())) {
        least = loop;
      }
    }
    return least == null ? leastOfAll : least;
  }

  private boolean lags(int index, long mark, long now) {
    if (seen[index] != mark) {
      seen[index] = mark;
      sinceNanos[index] = now;
    }
    return TurnMark.isTurning(mark) && now - sinceNanos[index] > LAGS_NANOS;
  }
}
