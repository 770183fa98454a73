package dev.pollux.net.internal.thread;

import java.util.function.BooleanSupplier;

/// Where a worker waits instead of receiving, while reading is suspended. Any thread.
public final class ReadingGate {
  private volatile boolean suspended;

  public synchronized void suspend() {
    suspended = true;
  }

  public synchronized void resume() {
    suspended = false;
    notifyAll();
  }

  public boolean isSuspended() {
    return suspended;
  }

  /// Something that a waiting worker looks at has changed.
  public synchronized void signal() {
    notifyAll();
  }

  /// Waits while reading is suspended and `connected` holds.
  public synchronized void awaitOpen(BooleanSupplier connected) {
    awaitWhile(() -> suspended && connected.getAsBoolean());
  }

  /// Waits while `condition` holds; whoever changes it calls [#signal].
  public synchronized void awaitWhile(BooleanSupplier condition) {
    while (condition.getAsBoolean()) {
      try {
        wait();
      } catch (InterruptedException e) {
        // Only the engine's end interrupts a worker, after it has changed the state: look again.
      }
    }
  }
}
