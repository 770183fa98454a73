package dev.pollux.lab.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// CPU time of a process, exact where it can be.
class ProcessFiguresTest {
  private static final long TICK = 10_000_000;

  private static ProcessFigures figures(long userTicks, long systemTicks, long threadNanos) {
    return new ProcessFigures(userTicks * TICK, systemTicks * TICK, threadNanos, 1, 0, 0, 0, 0);
  }

  @Test
  void theTimeOfTheThreadsIsTakenAsTheExactOne() {
    ProcessFigures used = figures(9, 5, 143_210_987).since(figures(2, 1, 31_000_000));
    assertEquals(112_210_987, used.cpuNanos());
  }

  @Test
  void withoutItTicksAreCounted() {
    assertEquals(11 * TICK, figures(9, 5, 0).since(figures(2, 1, 0)).cpuNanos());
  }

  @Test
  void whatAThreadThatHasEndedTookIsNotTakenOff() {
    ProcessFigures used = figures(9, 5, 20_000_000).since(figures(2, 1, 31_000_000));
    assertEquals(9 * TICK, used.cpuNanos());
  }

  @Test
  void workShowsInTheFiguresOfThisProcess() throws IOException {
    long pid = ProcessHandle.current().pid();
    ProcessFigures before = ProcessFigures.of(pid);
    double sum = 0;
    long begin = System.nanoTime();
    while (ProcessFigures.of(pid).since(before).cpuNanos() < 3 * TICK) {
      assertTrue(System.nanoTime() - begin < 60_000_000_000L, "no CPU time is seen");
      sum += Math.sqrt(begin + sum);
    }
    assertTrue(sum > 0);
  }
}
