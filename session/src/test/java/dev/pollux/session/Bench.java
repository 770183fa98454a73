package dev.pollux.session;

import dev.pollux.net.MemoryBudget;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// One session on a [FakeConnection], opened.
final class Bench {
  static final Executor NO_OFFLOAD =
      work -> {
        throw new AssertionError("nothing is offloaded here");
      };

  private static final Opening PLAIN = Opening.of("/test");

  final FakeConnection connection = new FakeConnection();
  final Sessions sessions;
  final WebSocketSession ws;

  Bench(WebSocketHandler handler) {
    this(handler, SessionOptions.defaults(), NO_OFFLOAD, false);
  }

  Bench(WebSocketHandler handler, OutputPolicy policy) {
    this(handler, SessionOptions.defaults().withOutput(policy), NO_OFFLOAD, false);
  }

  Bench(WebSocketHandler handler, SessionOptions options, Executor offload, boolean client) {
    sessions =
        new Sessions(
            options.withCloseTimeout(Duration.ofSeconds(5)), MemoryBudget.ofMachine(), offload);
    ws = session(sessions, connection, handler, client, null);
    connection.open(ws);
  }

  static WebSocketSession session(
      Sessions sessions,
      FakeConnection connection,
      WebSocketHandler handler,
      boolean client,
      @Nullable String query) {
    Opening opening = query == null ? PLAIN : new Opening("/test", query, null, null);
    return new WebSocketSession(sessions, connection, handler, client, opening);
  }

  /// Waits for what another thread brings about, at most 120 s.
  static void until(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("not within 120 s");
      }
      Thread.onSpinWait();
    }
  }

  /// Lets the kernel take what it has room for, and reads what it got.
  List<String> sent() {
    connection.flush();
    return Wire.read(connection.takeSent());
  }

  SessionStatistics statistics() {
    return sessions.statistics();
  }
}
