package dev.pollux.cli;

import dev.pollux.server.Pollux;
import dev.pollux.server.PolluxServer;
import dev.pollux.server.ServerBuilder;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.UnaryOperator;

/// What `pollux serve` runs: a server with an echo, a blocking answer, live figures and a page.
///
/// | path | what |
/// |---|---|
/// | `/` | the page |
/// | `/echo` | [EchoHandler] |
/// | `/offload` | [OffloadHandler] |
/// | `/stats` | [LiveFigures] |
final class DemoServer implements AutoCloseable {
  private static final String HTML = "text/html; charset=utf-8";
  private static final String CSS = "text/css; charset=utf-8";
  private static final String JAVASCRIPT = "text/javascript; charset=utf-8";
  private static final String SVG = "image/svg+xml";

  private static final Duration CLOSE_GRACE = Duration.ofSeconds(2);

  private final SlowBackend backend;
  private final LiveFigures figures;
  private final PolluxServer server;

  private DemoServer(SlowBackend backend, LiveFigures figures, PolluxServer server) {
    this.backend = backend;
    this.figures = figures;
    this.server = server;
  }

  /// @param options what the user asked for
  /// @throws IOException as [ServerBuilder#start] does
  static DemoServer start(UnaryOperator<ServerBuilder> options) throws IOException {
    SlowBackend backend = SlowBackend.start();
    LiveFigures figures = new LiveFigures();
    try {
      PolluxServer server =
          options
              .apply(Pollux.server())
              .webSocket("/echo", new EchoHandler())
              .webSocket("/offload", request -> OffloadHandler.of(backend, request))
              .webSocket("/stats", figures)
              .page("/", HTML, Resource.bytes("page.html"))
              .page("/page.css", CSS, Resource.bytes("page.css"))
              .page("/page.js", JAVASCRIPT, Resource.bytes("page.js"))
              .page("/favicon.ico", SVG, Resource.bytes("favicon.svg"))
              .start();
      figures.begin(server);
      return new DemoServer(backend, figures, server);
    } catch (IOException | RuntimeException e) {
      figures.close();
      backend.close();
      throw e;
    }
  }

  PolluxServer server() {
    return server;
  }

  SlowBackend backend() {
    return backend;
  }

  /// `127.0.0.1:8080`, `[::1]:8080`.
  String hostAndPort() {
    return hostAndPort(server.address());
  }

  /// `ws`, or `wss` with TLS.
  String scheme() {
    return server.isTls() ? "wss" : "ws";
  }

  /// Where a browser on this machine finds the page.
  String page() {
    InetSocketAddress address = server.address();
    return (server.isTls() ? "https://" : "http://")
        + (address.getAddress().isAnyLocalAddress()
            ? "localhost:" + address.getPort()
            : hostAndPort(address))
        + "/";
  }

  /// As [PolluxServer#stop], with the helpers.
  void stop(Duration grace) {
    server.stop(grace);
    figures.close();
    backend.close();
  }

  @Override
  public void close() {
    stop(CLOSE_GRACE);
  }

  private static String hostAndPort(InetSocketAddress address) {
    String ip = address.getAddress().getHostAddress();
    return (address.getAddress() instanceof Inet6Address ? "[" + ip + "]" : ip)
        + ":"
        + address.getPort();
  }
}
