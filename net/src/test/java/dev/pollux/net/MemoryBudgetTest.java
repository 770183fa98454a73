package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
  private static final long LIMIT = 1000L << 20;
  private static final int POLICY = 1 << 20;

  private final MemoryBudget budget = MemoryBudget.ofBytes(LIMIT);

  private void use(double percent) {
    long wanted = (long) (LIMIT / 100 * percent);
    long now = budget.usedBytes();
    if (wanted > now) {
      budget.charge(wanted - now);
    } else {
      budget.release(now - wanted);
    }
  }

  @Test
  void nothingIsRefusedBelowSeventyPercent() {
    use(69);
    assertEquals(Integer.MAX_VALUE, budget.mostGathered());
    assertEquals(POLICY, budget.mostPending(POLICY));
    assertTrue(budget.takesNewcomers());
  }

  @Test
  void largeGathersGoFirstThenTheFattestConsumersThenNewcomers() {
    use(72);
    assertEquals(MemoryBudget.LARGE_GATHER_BYTES, budget.mostGathered());
    assertEquals(POLICY, budget.mostPending(POLICY));
    assertTrue(budget.takesNewcomers());
    use(80);
    assertEquals(MemoryBudget.LARGE_GATHER_BYTES, budget.mostGathered());
    int most = budget.mostPending(POLICY);
    assertTrue(most > POLICY / 2 && most < POLICY * 3 / 4, "of 1 MiB: " + most);
    assertTrue(budget.takesNewcomers());
    use(91);
    assertEquals(0, budget.mostPending(POLICY));
    int gathered = budget.mostGathered();
    assertTrue(gathered >= 1024 && gathered < MemoryBudget.LARGE_GATHER_BYTES, "" + gathered);
    assertTrue(budget.takesNewcomers());
    use(93);
    assertFalse(budget.takesNewcomers());
    budget.chargeHeld(1);
    use(96);
    assertThrows(MemoryBudgetExceededException.class, () -> budget.chargeHeld(1));
    assertTrue(budget.mostGathered() >= 1024);
    budget.charge(1);
    use(98);
    assertEquals(0, budget.mostGathered());
    budget.charge(1);
    assertFalse(budget.tryCharge(LIMIT / 40));
    var refused =
        assertThrows(MemoryBudgetExceededException.class, () -> budget.charge(LIMIT / 40));
    assertEquals(
        "26,214,400 bytes are more than is left of the memory budget of 1,000 MiB (memoryBudget,"
            + " --memory)",
        refused.getMessage());
    use(10);
    assertTrue(budget.takesNewcomers());
    assertEquals(Integer.MAX_VALUE, budget.mostGathered());
  }

  @Test
  void allowancesOnlyFallAsMoreIsUsed() {
    int gathered = Integer.MAX_VALUE;
    int pending = POLICY;
    for (double percent = 1; percent < 100; percent += 0.25) {
      use(percent);
      assertTrue(budget.mostGathered() <= gathered);
      assertTrue(budget.mostPending(POLICY) <= pending);
      gathered = budget.mostGathered();
      pending = budget.mostPending(POLICY);
    }
    assertEquals(0, gathered);
    assertEquals(0, pending);
  }

  @Test
  void whatIsRefusedIsCounted() {
    budget.refused(MemoryRefusal.GATHER);
    budget.refused(MemoryRefusal.OUTPUT);
    budget.refused(MemoryRefusal.OUTPUT);
    budget.refused(MemoryRefusal.NEWCOMER);
    MemoryStatistics statistics = budget.statistics();
    assertEquals(LIMIT, statistics.limitBytes());
    assertEquals(1, statistics.gathersRefused());
    assertEquals(2, statistics.outputRefused());
    assertEquals(1, statistics.newcomersRefused());
    assertEquals(0, statistics.allocationsRefused());
  }

  @Test
  void whatManyConnectionsSendCountsInEveryBudget() {
    long before = budget.usedBytes();
    SharedOutput shared = SharedOutput.allocate(3 << 20);
    assertTrue(budget.usedBytes() - before >= 3 << 20);
    shared.release();
  }

  @Test
  void theDefaultIsAShareOfTheMachine() {
    assertTrue(MemoryBudget.ofMachine().limitBytes() >= MemoryBudget.LEAST_BYTES);
    assertThrows(
        IllegalArgumentException.class, () -> MemoryBudget.ofBytes(MemoryBudget.LEAST_BYTES - 1));
  }
}
