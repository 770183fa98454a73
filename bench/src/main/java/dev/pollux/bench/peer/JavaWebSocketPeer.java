package dev.pollux.bench.peer;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import org.java_websocket.WebSocket;
import org.java_websocket.drafts.Draft;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.extensions.permessage_deflate.PerMessageDeflateExtension;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.DefaultSSLWebSocketServerFactory;
import org.java_websocket.server.WebSocketServer;
import org.jspecify.annotations.Nullable;

/// Java-WebSocket with its defaults.
public final class JavaWebSocketPeer {
  private JavaWebSocketPeer() {}

  /// Runs the server.
  public static void main(String... arguments) throws Exception {
    PeerArguments given = PeerArguments.of(arguments);
    Draft draft =
        given.deflate() ? new Draft_6455(new PerMessageDeflateExtension()) : new Draft_6455();
    Server server = new Server(draft);
    SSLContext context = given.tls();
    if (context != null) {
      server.setWebSocketFactory(new DefaultSSLWebSocketServerFactory(context));
    }
    server.start();
    server.started.await();
    PeerArguments.serveUntilInputEnds(server.getPort());
  }

  private static final class Server extends WebSocketServer {
    final CountDownLatch started = new CountDownLatch(1);
    private final Rooms<Set<WebSocket>> rooms =
        new Rooms<>(
            ConcurrentHashMap::newKeySet, (members, message) -> broadcast(message, members));

    Server(Draft draft) {
      super(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), List.of(draft));
    }

    @Override
    public void onStart() {
      started.countDown();
    }

    @Override
    public void onOpen(WebSocket connection, ClientHandshake handshake) {
      String address = handshake.getResourceDescriptor();
      connection.setAttachment(address);
      if (address.startsWith(Rooms.PATH)) {
        rooms.room(address).add(connection);
      }
    }

    @Override
    public void onMessage(WebSocket connection, ByteBuffer message) {
      String address = connection.getAttachment();
      if (address.startsWith("/fanout")) {
        List<WebSocket> others = new ArrayList<>(getConnections());
        others.remove(connection);
        broadcast(message, others);
      } else if (address.startsWith(Rooms.PUBLISH_PATH)) {
        rooms.order(message);
      } else {
        connection.send(message);
      }
    }

    @Override
    public void onMessage(WebSocket connection, String message) {
      connection.send(message);
    }

    @Override
    public void onClose(WebSocket connection, int code, String reason, boolean remote) {
      String address = connection.getAttachment();
      if (address != null && address.startsWith(Rooms.PATH)) {
        rooms.room(address).remove(connection);
      }
    }

    @Override
    public void onError(@Nullable WebSocket connection, Exception cause) {
      cause.printStackTrace();
    }
  }
}
