package dev.pollux.bench.peer;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.jspecify.annotations.Nullable;

/// Jetty, its own WebSocket API.
public final class JettyPeer {
  private static final Set<Session> SUBSCRIBERS = ConcurrentHashMap.newKeySet();

  private static final Rooms<Set<Session>> ROOMS = Rooms.ofSets(JettyPeer::sendAndWait);

  private JettyPeer() {}

  /// Runs the server.
  public static void main(String... arguments) throws Exception {
    PeerArguments given = PeerArguments.of(arguments);
    Server server = new Server();
    ServerConnector connector = connector(server, given.tls());
    connector.setHost(PeerArguments.HOST);
    server.addConnector(connector);
    server.setHandler(
        WebSocketUpgradeHandler.from(
            server,
            container -> {
              container.setMaxBinaryMessageSize(PeerArguments.MAX_FRAME_BYTES);
              container.setMaxTextMessageSize(PeerArguments.MAX_FRAME_BYTES);
              container.setIdleTimeout(Duration.ofMinutes(30));
              container.addMapping("/echo", (request, response, callback) -> new Echo());
              container.addMapping("/fanout", (request, response, callback) -> new Fanout());
              container.addMapping(
                  Rooms.PATH,
                  (request, response, callback) ->
                      new InRoom(ROOMS.room(request.getHttpURI().getQuery())));
              container.addMapping(
                  Rooms.PUBLISH_PATH, (request, response, callback) -> new Publish());
            }));
    server.start();
    PeerArguments.serveUntilInputEnds(connector.getLocalPort());
  }

  private static ServerConnector connector(Server server, @Nullable SSLContext context) {
    if (context == null) {
      return new ServerConnector(server);
    }
    SslContextFactory.Server tls = new SslContextFactory.Server();
    tls.setSslContext(context);
    return new ServerConnector(server, tls);
  }

  /// Jetty wants one message of a session to be sent before the next one is given to it.
  private static void sendAndWait(Session session, byte[] message) {
    var _ =
        Callback.Completable.with(sent -> session.sendBinary(ByteBuffer.wrap(message), sent))
            .exceptionally(gone -> null)
            .join();
  }

  /// Public, as Jetty wants it.
  public static class Echo implements Session.Listener.AutoDemanding {
    private @Nullable Session session;

    @Override
    public void onWebSocketOpen(Session opened) {
      session = opened;
    }

    final @Nullable Session session() {
      return session;
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
      Session open = session;
      if (open != null) {
        open.sendBinary(payload, callback);
      }
    }

    @Override
    public void onWebSocketText(String message) {
      Session open = session;
      if (open != null) {
        open.sendText(message, Callback.NOOP);
      }
    }
  }

  /// Public, as Jetty wants it.
  public static final class Fanout extends Echo {
    @Override
    public void onWebSocketOpen(Session opened) {
      super.onWebSocketOpen(opened);
      SUBSCRIBERS.add(opened);
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
      ByteBuffer copy = ByteBuffer.allocate(payload.remaining()).put(payload).flip();
      for (Session subscriber : SUBSCRIBERS) {
        if (!subscriber.equals(session())) {
          subscriber.sendBinary(copy.slice(), Callback.NOOP);
        }
      }
      callback.succeed();
    }

    @Override
    public void onWebSocketClose(int status, String reason, Callback callback) {
      Session closed = session();
      if (closed != null) {
        SUBSCRIBERS.remove(closed);
      }
      callback.succeed();
    }
  }

  /// Public, as Jetty wants it.
  public static final class InRoom extends Echo {
    private final Set<Session> room;

    InRoom(Set<Session> room) {
      this.room = room;
    }

    @Override
    public void onWebSocketOpen(Session opened) {
      super.onWebSocketOpen(opened);
      room.add(opened);
    }

    @Override
    public void onWebSocketClose(int status, String reason, Callback callback) {
      Session closed = session();
      if (closed != null) {
        room.remove(closed);
      }
      callback.succeed();
    }
  }

  /// Public, as Jetty wants it.
  public static final class Publish extends Echo {
    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
      ROOMS.order(payload);
      callback.succeed();
    }
  }
}
