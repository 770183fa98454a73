package dev.pollux.net.internal.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimingWheelTest {
  private static final long TICK = 1L << TimingWheel.TICK_SHIFT;

  @Test
  void isNeverEarlyAndLateByATickAtMost() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (long start : new long[] {0, -5 * TICK - 7, Long.MAX_VALUE / 4, random.nextLong() >> 3}) {
      long[] now = {start};
      TimingWheel wheel = new TimingWheel(start);
      Map<Integer, Long> due = new HashMap<>();
      for (int step = 0; step < 20_000; step++) {
        int id = random.nextInt(200);
        int action = random.nextInt(10);
        if (action < 4) {
          long delay =
              random.nextInt(3) == 0 ? random.nextLong(2_000 * TICK) : random.nextLong(9 * TICK);
          wheel.set(id, now[0], delay);
          due.put(id, now[0] + delay);
        } else if (action < 6) {
          wheel.cancel(id);
          due.remove(id);
        } else {
          now[0] +=
              random.nextInt(50) == 0 ? random.nextLong(1_500 * TICK) : random.nextLong(2 * TICK);
          wheel.advance(
              now[0],
              expired -> {
                assertTrue(due.containsKey(expired), "seed " + seed + ": not set: " + expired);
                assertTrue(due.get(expired) <= now[0], "seed " + seed + ": early");
                due.remove(expired);
              });
          for (long deadline : due.values()) {
            assertTrue(deadline > now[0] - TICK, "seed " + seed + ": late");
          }
          long next = wheel.nanosToNext(now[0]);
          assertEquals(due.isEmpty(), next < 0, "seed " + seed);
          for (long deadline : due.values()) {
            assertTrue(now[0] + next < deadline + TICK, "seed " + seed + ": would sleep too long");
          }
        }
      }
    }
  }

  @Test
  void aCallbackMayCancelAndSetOthersThatAreDueInTheSameTick() {
    TimingWheel wheel = new TimingWheel(0);
    wheel.set(1, 0, TICK);
    wheel.set(2, 0, TICK);
    wheel.set(3, 0, TICK);
    List<Integer> expired = new ArrayList<>();
    TimingWheel.Expiry expiry =
        id -> {
          expired.add(id);
          for (int other = 1; other <= 3; other++) {
            wheel.cancel(other);
          }
          wheel.set(4, TICK, 0);
        };
    assertEquals(1, wheel.advance(TICK, expiry));
    assertEquals(1, expired.size());
    assertEquals(1, wheel.advance(2 * TICK, expiry));
    assertEquals(4, expired.get(1));
  }

  @Test
  void aSecondSetReplacesTheFirst() {
    TimingWheel wheel = new TimingWheel(0);
    wheel.set(9, 0, TICK);
    wheel.set(9, 0, 5 * TICK);
    assertEquals(0, wheel.advance(4 * TICK, id -> {}));
    assertEquals(1, wheel.advance(5 * TICK, id -> {}));
    assertEquals(-1, wheel.nanosToNext(5 * TICK));
  }
}
