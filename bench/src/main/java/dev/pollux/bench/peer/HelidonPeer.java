package dev.pollux.bench.peer;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.tls.Tls;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.websocket.WsRouting;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;

/// Helidon with its defaults: a virtual thread per connection.
public final class HelidonPeer {
  private static final Set<WsSession> SUBSCRIBERS = ConcurrentHashMap.newKeySet();

  private static final Rooms<Set<WsSession>> ROOMS =
      Rooms.ofSets((session, message) -> session.send(BufferData.create(message), true));

  private HelidonPeer() {}

  /// Runs the server.
  public static void main(String... arguments) throws Exception {
    PeerArguments given = PeerArguments.of(arguments);
    WebServerConfig.Builder builder =
        WebServer.builder()
            .host(PeerArguments.HOST)
            .port(0)
            .addRouting(
                WsRouting.builder()
                    .endpoint("/echo", new Echo())
                    .endpoint("/fanout", new Fanout())
                    .endpoint(Rooms.PATH, InRoom::new)
                    .endpoint(Rooms.PUBLISH_PATH, new Publish()));
    SSLContext context = given.tls();
    if (context != null) {
      builder.tls(Tls.builder().sslContext(context).build());
    }
    PeerArguments.serveUntilInputEnds(builder.build().start().port());
  }

  private static final class Echo implements WsListener {
    @Override
    public void onMessage(WsSession session, BufferData buffer, boolean last) {
      session.send(buffer, last);
    }

    @Override
    public void onMessage(WsSession session, String text, boolean last) {
      session.send(text, last);
    }
  }

  private static final class Fanout implements WsListener {
    @Override
    public void onOpen(WsSession session) {
      SUBSCRIBERS.add(session);
    }

    @Override
    public void onMessage(WsSession session, BufferData buffer, boolean last) {
      byte[] payload = buffer.readBytes();
      for (WsSession subscriber : SUBSCRIBERS) {
        if (!subscriber.equals(session)) {
          subscriber.send(BufferData.create(payload), last);
        }
      }
    }

    @Override
    public void onClose(WsSession session, int status, String reason) {
      SUBSCRIBERS.remove(session);
    }
  }

  private static final class InRoom implements WsListener {
    private Set<WsSession> room = Set.of();

    @Override
    public Optional<Headers> onHttpUpgrade(HttpPrologue prologue, Headers headers) {
      room = ROOMS.room(prologue.query().rawValue());
      return Optional.empty();
    }

    @Override
    public void onOpen(WsSession session) {
      room.add(session);
    }

    @Override
    public void onClose(WsSession session, int status, String reason) {
      room.remove(session);
    }
  }

  private static final class Publish implements WsListener {
    @Override
    public void onMessage(WsSession session, BufferData buffer, boolean last) {
      ROOMS.order(ByteBuffer.wrap(buffer.readBytes()));
    }
  }
}
