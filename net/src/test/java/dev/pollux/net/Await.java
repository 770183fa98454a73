package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Waits for a condition that nothing signals.
final class Await {
  private static final long LIMIT_NANOS = 20_000_000_000L;

  private Await() {}

  static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + LIMIT_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        fail("waited 20 s in vain until " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }
}
