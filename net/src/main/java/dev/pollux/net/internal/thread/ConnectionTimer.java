package dev.pollux.net.internal.thread;

import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A timer of a connection of a thread engine: its own, its protocol's, or one that was set with it
/// as the owner. In the connection's turn.
public final class ConnectionTimer {
  private final ThreadEngine engine;
  private @Nullable Future<?> running;
  private int generation;

  public ConnectionTimer(ThreadEngine engine) {
    this.engine = engine;
  }

  /// Hands `task` to `turn` after a while, instead of what was set before. What is set or taken
  /// back while the task waits for its turn still has its way.
  public void set(long delayNanos, Consumer<Runnable> turn, Runnable task) {
    cancel();
    int number = generation;
    Runnable ifStillSet =
        () -> {
          if (number == generation) {
            running = null;
            task.run();
          }
        };
    running = engine.schedule(delayNanos, () -> turn.accept(ifStillSet));
  }

  public void cancel() {
    generation++;
    Future<?> before = running;
    if (before != null) {
      before.cancel(false);
      running = null;
    }
  }
}
