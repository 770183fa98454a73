package dev.pollux.server;

import dev.pollux.net.IoModel;
import dev.pollux.net.MemoryBudget;
import dev.pollux.net.MemoryStatistics;
import dev.pollux.net.tls.TlsOptions;
import dev.pollux.session.Group;
import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import dev.pollux.websocket.CompressionOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/// A server in a process of its own, for [MemoryBurstTest]: one port in clear and one with TLS,
/// with one memory budget for both. Prints the two ports, and ends with its input.
final class BurstServer {
  private BurstServer() {}

  /// Serves until its input ends.
  ///
  /// @param args the model, and the budget in MiB
  public static void main(String[] args) throws Exception {
    MemoryBudget budget = MemoryBudget.ofBytes(Long.parseLong(args[1]) << 20);
    Feed feed = new Feed();
    try (PolluxServer plain =
            server(args[0], budget)
                .webSocket("/feed", feed.subscriber())
                .webSocket("/publish", feed)
                .page("/memory", "text/plain", () -> report(budget))
                .start();
        PolluxServer secured = server(args[0], budget).tls(TlsOptions.selfSigned()).start()) {
      feed.group.complete(plain.newGroup());
      System.out.println(plain.address().getPort() + " " + secured.address().getPort());
      while (System.in.read() >= 0) {
        // Until its end.
      }
    }
  }

  private static ServerBuilder server(String model, MemoryBudget budget) {
    return Pollux.server()
        .io(IoModel.valueOf(model))
        .engine(options -> options.withMemory(budget))
        .compression(CompressionOptions.DEFAULT)
        .stopGrace(Duration.ofMillis(500))
        .webSocket("/echo", new Echo());
  }

  private static byte[] report(MemoryBudget budget) {
    MemoryStatistics now = budget.statistics();
    return (now.usedBytes()
            + " "
            + now.gathersRefused()
            + " "
            + now.outputRefused()
            + " "
            + now.newcomersRefused()
            + " "
            + now.allocationsRefused())
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static final class Echo implements WebSocketHandler {
    @Override
    public void onMessage(WebSocket ws, Message message) {
      ws.send(message);
    }
  }

  /// Publishes as often as it is told, and says when it has.
  private static final class Feed implements WebSocketHandler {
    final CompletableFuture<Group> group = new CompletableFuture<>();

    WebSocketHandler subscriber() {
      return new WebSocketHandler() {
        @Override
        public void onOpen(WebSocket ws) {
          group.join().join(ws);
        }
      };
    }

    @Override
    public void onMessage(WebSocket ws, Message message) {
      int times = Integer.parseInt(message.text());
      Group subscribers = group.join();
      for (int i = 0; i < times; i++) {
        subscribers.sendBinary(ByteBuffer.wrap(new byte[] {1}));
      }
      ws.sendText("done");
    }
  }
}
