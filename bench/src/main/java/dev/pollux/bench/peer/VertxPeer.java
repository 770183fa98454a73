package dev.pollux.bench.peer;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.PfxOptions;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Vert.x with its defaults.
// As the examples of Vert.x do: a write that fails closes its socket.
@SuppressWarnings("FutureReturnValueIgnored")
public final class VertxPeer {
  private static final Set<ServerWebSocket> SUBSCRIBERS = ConcurrentHashMap.newKeySet();

  private static final Rooms<Set<ServerWebSocket>> ROOMS =
      Rooms.ofSets((ws, message) -> ws.writeBinaryMessage(Buffer.buffer(message)));

  private VertxPeer() {}

  /// Runs the server.
  public static void main(String... arguments) throws Exception {
    PeerArguments given = PeerArguments.of(arguments);
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(PeerArguments.HOST)
            .setPort(0)
            .setMaxWebSocketFrameSize(PeerArguments.MAX_FRAME_BYTES)
            .setMaxWebSocketMessageSize(PeerArguments.MAX_FRAME_BYTES)
            .setPerMessageWebSocketCompressionSupported(given.deflate())
            .setPerFrameWebSocketCompressionSupported(false);
    if (given.keystore() != null) {
      options
          .setSsl(true)
          .setKeyCertOptions(
              new PfxOptions()
                  .setPath(given.keystore().toString())
                  .setPassword(PeerArguments.PASSWORD));
    }
    HttpServer server =
        Vertx.vertx().createHttpServer(options).webSocketHandler(VertxPeer::serve).listen().await();
    PeerArguments.serveUntilInputEnds(server.actualPort());
  }

  private static void serve(ServerWebSocket ws) {
    if (ws.path().equals("/fanout")) {
      SUBSCRIBERS.add(ws);
      ws.closeHandler(closed -> SUBSCRIBERS.remove(ws));
      ws.binaryMessageHandler(message -> {
        for (ServerWebSocket subscriber : SUBSCRIBERS) {
          if (!subscriber.equals(ws)) {
            subscriber.writeBinaryMessage(message);
          }
        }
      });
    } else if (ws.path().equals(Rooms.PATH)) {
      Set<ServerWebSocket> room = ROOMS.room(ws.query());
      room.add(ws);
      ws.closeHandler(closed -> room.remove(ws));
    } else if (ws.path().equals(Rooms.PUBLISH_PATH)) {
      ws.binaryMessageHandler(message -> ROOMS.order(ByteBuffer.wrap(message.getBytes())));
    } else {
      ws.binaryMessageHandler(ws::writeBinaryMessage);
      ws.textMessageHandler(ws::writeTextMessage);
    }
  }
}
