package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Waits for something that other threads bring about.
final class Await {
  private Await() {}

  /// Until there are no more of them; a failure lists those that there are.
  static void untilEmpty(String what, Supplier<List<String>> list) {
    try {
      until(what, () -> list.get().isEmpty());
    } catch (AssertionError e) {
      throw new AssertionError(what + ": " + list.get(), e);
    }
  }

  static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        fail("not within 120 s: " + what);
      }
      LockSupport.parkNanos(500_000);
    }
  }
}
