package dev.pollux.bench.peer;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.websockets.WebSocketProtocolHandshakeHandler;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedBinaryMessage;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.WebSocketCallback;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import io.undertow.websockets.extensions.PerMessageDeflateHandshake;
import io.undertow.websockets.spi.WebSocketHttpExchange;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.xnio.Pooled;

/// Undertow with its defaults.
@SuppressWarnings("deprecation") // Pooled is what Undertow's own API hands out
public final class UndertowPeer {
  private static final Rooms<Set<WebSocketChannel>> ROOMS =
      Rooms.ofSets((channel, message) ->
          WebSockets.sendBinary(ByteBuffer.wrap(message), channel, (WebSocketCallback<Void>) null));

  private UndertowPeer() {}

  /// Runs the server.
  public static void main(String... arguments) throws Exception {
    PeerArguments given = PeerArguments.of(arguments);
    var paths =
        Handlers.path()
            .addExactPath("/echo", handshake(given, new Echo()))
            .addExactPath("/fanout", handshake(given, new Fanout()))
            .addExactPath(Rooms.PATH, Handlers.websocket(UndertowPeer::enter))
            .addExactPath(Rooms.PUBLISH_PATH, handshake(given, new Publish()));
    Undertow.Builder builder = Undertow.builder().setHandler(paths);
    SSLContext context = given.tls();
    Undertow server =
        (context == null
                ? builder.addHttpListener(0, PeerArguments.HOST)
                : builder.addHttpsListener(0, PeerArguments.HOST, context))
            .build();
    server.start();
    PeerArguments.serveUntilInputEnds(
        ((InetSocketAddress) server.getListenerInfo().getFirst().getAddress()).getPort());
  }

  private static WebSocketProtocolHandshakeHandler handshake(
      PeerArguments given, AbstractReceiveListener listener) {
    WebSocketProtocolHandshakeHandler handler =
        Handlers.websocket((exchange, channel) -> {
          channel.getReceiveSetter().set(listener);
          channel.resumeReceives();
        });
    return given.deflate() ? handler.addExtension(new PerMessageDeflateHandshake(false)) : handler;
  }

  private static void enter(WebSocketHttpExchange exchange, WebSocketChannel channel) {
    Set<WebSocketChannel> room = ROOMS.room(exchange.getQueryString());
    room.add(channel);
    channel.addCloseTask(room::remove);
    channel.getReceiveSetter().set(new Echo());
    channel.resumeReceives();
  }

  private static final class Echo extends AbstractReceiveListener {
    @Override
    protected void onFullBinaryMessage(WebSocketChannel channel, BufferedBinaryMessage message) {
      Pooled<ByteBuffer[]> data = message.getData();
      WebSockets.sendBinary(data.getResource(), channel, new Freeing(data));
    }

    @Override
    protected void onFullTextMessage(WebSocketChannel channel, BufferedTextMessage message) {
      WebSockets.sendText(message.getData(), channel, (WebSocketCallback<Void>) null);
    }
  }

  private static final class Fanout extends AbstractReceiveListener {
    @Override
    protected void onFullBinaryMessage(WebSocketChannel channel, BufferedBinaryMessage message) {
      Pooled<ByteBuffer[]> data = message.getData();
      ByteBuffer payload = WebSockets.mergeBuffers(data.getResource());
      data.close();
      for (WebSocketChannel peer : channel.getPeerConnections()) {
        if (!peer.equals(channel)) {
          WebSockets.sendBinary(payload.duplicate(), peer, (WebSocketCallback<Void>) null);
        }
      }
    }
  }

  private static final class Publish extends AbstractReceiveListener {
    @Override
    protected void onFullBinaryMessage(WebSocketChannel channel, BufferedBinaryMessage message) {
      Pooled<ByteBuffer[]> data = message.getData();
      ROOMS.order(WebSockets.mergeBuffers(data.getResource()));
      data.close();
    }
  }

  private record Freeing(Pooled<ByteBuffer[]> data) implements WebSocketCallback<Void> {
    @Override
    public void complete(WebSocketChannel channel, @Nullable Void context) {
      data.close();
    }

    @Override
    public void onError(WebSocketChannel channel, @Nullable Void context, Throwable failure) {
      data.close();
    }
  }
}
