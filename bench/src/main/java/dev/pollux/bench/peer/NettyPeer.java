package dev.pollux.bench.peer;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.ChannelMatchers;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.HandshakeComplete;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// Netty with the transport that its word says: `epoll`, `io_uring` or `nio`.
// As the examples of Netty do: a write that fails closes its channel.
@SuppressWarnings("FutureReturnValueIgnored")
public final class NettyPeer {
  private static final int MAX_REQUEST_BYTES = 64 * 1024;

  private final ChannelGroup subscribers = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

  private final Rooms<ChannelGroup> rooms =
      new Rooms<>(
          () -> new DefaultChannelGroup(GlobalEventExecutor.INSTANCE),
          (room, message) ->
              room.writeAndFlush(
                  new BinaryWebSocketFrame(Unpooled.wrappedBuffer(message)),
                  ChannelMatchers.all(),
                  true));

  private NettyPeer() {}

  /// Runs the server.
  public static void main(String... arguments) throws Exception {
    PeerArguments given = PeerArguments.of(arguments);
    SSLContext tls = given.tls();
    IoHandlerFactory transport =
        switch (given.word()) {
          case "epoll" -> EpollIoHandler.newFactory();
          case "io_uring" -> IoUringIoHandler.newFactory();
          default -> NioIoHandler.newFactory();
        };
    Class<? extends ServerSocketChannel> listener =
        switch (given.word()) {
          case "epoll" -> EpollServerSocketChannel.class;
          case "io_uring" -> IoUringServerSocketChannel.class;
          default -> NioServerSocketChannel.class;
        };
    NettyPeer peer = new NettyPeer();
    Channel channel =
        new ServerBootstrap()
            .group(new MultiThreadIoEventLoopGroup(transport))
            .channel(listener)
            .childHandler(peer.new Initializer(given, tls))
            .bind(PeerArguments.HOST, 0)
            .sync()
            .channel();
    PeerArguments.serveUntilInputEnds(((InetSocketAddress) channel.localAddress()).getPort());
  }

  private final class Initializer extends ChannelInitializer<SocketChannel> {
    private final PeerArguments given;
    private final @Nullable JdkSslContext tls;

    Initializer(PeerArguments given, @Nullable SSLContext context) {
      this.given = given;
      this.tls =
          context == null
              ? null
              : new JdkSslContext(
                  context,
                  false,
                  null,
                  IdentityCipherSuiteFilter.INSTANCE,
                  null,
                  ClientAuth.NONE,
                  null,
                  false);
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      ChannelPipeline pipeline = channel.pipeline();
      if (tls != null) {
        pipeline.addLast(tls.newHandler(channel.alloc()));
      }
      pipeline.addLast(new HttpServerCodec(), new HttpObjectAggregator(MAX_REQUEST_BYTES));
      if (given.deflate()) {
        pipeline.addLast(new WebSocketServerCompressionHandler(PeerArguments.MAX_FRAME_BYTES));
      }
      WebSocketServerProtocolConfig config =
          WebSocketServerProtocolConfig.newBuilder()
              .websocketPath("/")
              .checkStartsWith(true)
              .allowExtensions(given.deflate())
              .maxFramePayloadLength(PeerArguments.MAX_FRAME_BYTES)
              .build();
      pipeline.addLast(new WebSocketServerProtocolHandler(config), new Frames());
    }
  }

  private final class Frames extends SimpleChannelInboundHandler<WebSocketFrame> {
    private boolean subscriber;
    private boolean publisher;

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof HandshakeComplete complete) {
        String address = complete.requestUri();
        if (address.startsWith("/fanout")) {
          subscriber = true;
          subscribers.add(context.channel());
        } else if (address.startsWith(Rooms.PATH)) {
          rooms.room(address).add(context.channel());
        } else {
          publisher = address.startsWith(Rooms.PUBLISH_PATH);
        }
      }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
      if (subscriber) {
        subscribers.writeAndFlush(frame.retain(), ChannelMatchers.isNot(context.channel()), true);
      } else if (publisher) {
        rooms.order(frame.content().nioBuffer());
      } else {
        context.write(frame.retain(), context.voidPromise());
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }
  }
}
