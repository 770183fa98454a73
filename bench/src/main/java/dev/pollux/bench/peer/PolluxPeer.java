package dev.pollux.bench.peer;

import dev.pollux.net.IoModel;
import dev.pollux.server.Pollux;
import dev.pollux.server.PolluxServer;
import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.util.concurrent.CompletableFuture;

/// Pollux with its defaults, every check on, on the I/O model that its word says.
public final class PolluxPeer {
  private PolluxPeer() {}

  /// Runs the server.
  public static void main(String... arguments) throws Exception {
    PeerArguments given = PeerArguments.of(arguments);
    CompletableFuture<PolluxServer> started = new CompletableFuture<>();
    PolluxServer server =
        Pollux.server()
            .io(IoModel.of(given.word()))
            .loops(1)
            .host(PeerArguments.HOST)
            .webSocket("/echo", new Echo())
            .webSocket("/fanout", new Fanout(started))
            .start();
    started.complete(server);
    PeerArguments.serveUntilInputEnds(server.address().getPort());
  }

  private static final class Echo implements WebSocketHandler {
    @Override
    public void onMessage(WebSocket ws, Message message) {
      ws.send(message);
    }
  }

  private record Fanout(CompletableFuture<PolluxServer> started) implements WebSocketHandler {
    @Override
    public void onMessage(WebSocket ws, Message message) {
      started
          .join()
          .broadcast(message, other -> !other.equals(ws) && other.path().equals("/fanout"));
    }
  }
}
