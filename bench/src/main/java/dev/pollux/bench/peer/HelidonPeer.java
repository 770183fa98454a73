package dev.pollux.bench.peer;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.tls.Tls;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.websocket.WsRouting;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;

/// Helidon with its defaults: a virtual thread per connection.
public final class HelidonPeer {
  private static final Set<WsSession> SUBSCRIBERS = ConcurrentHashMap.newKeySet();

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
                    .endpoint("/fanout", new Fanout()));
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
}
