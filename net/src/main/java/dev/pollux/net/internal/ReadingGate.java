package dev.pollux.net.internal;

import java.util.function.BooleanSupplier;

/// Where a worker waits instead of receiving, while reading is suspended. Any thread.
final class ReadingGate {
  private volatile boolean suspended;

  synchronized void suspend() {
    suspended = true;
  }

  synchronized void resume() {
    suspended = false;
    notifyAll();
  }

  boolean isSuspended() {
    return suspended;
  }

  /// Something that a waiting worker looks at has changed.
  synchronized void signal() {
    notifyAll();
  }

  /// Waits while reading is suspended and `connected` holds.
  synchronized void awaitOpen(BooleanSupplier connected) {
    awaitWhile(() -> suspended && connected.getAsBoolean());
  }

  /// Waits while `condition` holds; whoever changes it calls [#signal].
  synchronized void awaitWhile(BooleanSupplier condition) {
    while (condition.getAsBoolean()) {
      try {
        wait();
      } catch (InterruptedException e) {
        // Only the engine's end interrupts a worker, after it has changed the state: look again.
      }
    }
  }
}
