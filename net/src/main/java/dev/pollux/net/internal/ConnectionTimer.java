package dev.pollux.net.internal;

import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// The one timer of a connection of a thread engine. Guarded by the connection's serial queue.
final class ConnectionTimer {
  private final ThreadEngine engine;
  private @Nullable Future<?> running;

  ConnectionTimer(ThreadEngine engine) {
    this.engine = engine;
  }

  /// Runs `task` after a while, on a thread that must not wait, instead of what was set before.
  void set(long delayNanos, Runnable task) {
    cancel();
    running = engine.schedule(delayNanos, task);
  }

  void cancel() {
    Future<?> before = running;
    if (before != null) {
      before.cancel(false);
      running = null;
    }
  }
}
