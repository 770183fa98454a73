package dev.pollux.server;

import dev.pollux.net.Engine;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.IoModel;
import dev.pollux.net.MemoryBudget;
import dev.pollux.net.tls.TlsOptions;
import dev.pollux.session.KeepAlive;
import dev.pollux.session.OffloadPool;
import dev.pollux.session.OutputPolicy;
import dev.pollux.session.SessionOptions;
import dev.pollux.session.WebSocketHandler;
import dev.pollux.websocket.CompressionOptions;
import dev.pollux.websocket.WebSocketLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Describes a server: each method returns this, [#start] begins. Not for several threads.
///
/// Without further words: `127.0.0.1`, any free port, [IoModel#AUTO], as many loops as there are
/// cores.
public final class ServerBuilder {
  private final Routes.Builder routes = new Routes.Builder();
  private String host = "127.0.0.1";
  private int port;
  private EngineOptions engine = EngineOptions.of(IoModel.AUTO);
  private SessionOptions sessions = SessionOptions.defaults();
  private Duration handshakeTimeout = Duration.ofSeconds(10);
  private final List<String> origins = new ArrayList<>();
  private AsyncAuthenticator authenticator = Admission.NOBODY_ASKS;
  private Duration stall = Duration.ofMinutes(2);
  private Duration stopGrace = Duration.ofSeconds(5);
  private @Nullable TlsOptions tls;
  private Duration tlsReloadEvery = Duration.ZERO;
  private int offloadThreads = 64;
  private int offloadWaiting = 64 * 1024;

  ServerBuilder() {}

  /// How the server waits for I/O.
  public ServerBuilder io(IoModel model) {
    engine = engine.withModel(model);
    return this;
  }

  /// The name or address to listen on; `0.0.0.0` for all of IPv4.
  public ServerBuilder host(String name) {
    host = name;
    return this;
  }

  /// The port to listen on, 0 for any free one.
  public ServerBuilder port(int number) {
    if (number < 0 || number > 65_535) {
      throw new IllegalArgumentException("port is " + number + "; it must be from 0 to 65535");
    }
    port = number;
    return this;
  }

  /// Event loops, 0 for the model's default. Models without loops ignore it.
  public ServerBuilder loops(int count) {
    engine = engine.withLoops(count);
    return this;
  }

  /// Connections open at once; more get `503 Service Unavailable`.
  public ServerBuilder maxConnections(int connections) {
    engine = engine.withMaxConnections(connections);
    return this;
  }

  /// How much memory outside the heap the clients may cause the server to hold, in bytes; near it,
  /// large messages, slow consumers and newcomers are refused, in this order ([MemoryBudget]). By
  /// default a quarter of what the machine, or the control group, has.
  ///
  /// @throws IllegalArgumentException below [MemoryBudget#LEAST_BYTES]
  public ServerBuilder memoryBudget(long bytes) {
    engine = engine.withMemory(MemoryBudget.ofBytes(bytes));
    return this;
  }

  /// Changes any other option of the engine.
  public ServerBuilder engine(UnaryOperator<EngineOptions> change) {
    engine = change.apply(engine);
    return this;
  }

  /// One handler for all WebSockets of that path, which has to match exactly; the query is not part
  /// of it.
  public ServerBuilder webSocket(String path, WebSocketHandler handler) {
    return webSocket(path, request -> handler);
  }

  /// A handler for each WebSocket of that path, made when its request has been accepted. If the
  /// factory throws, the request is answered with 500.
  public ServerBuilder webSocket(String path, HandlerFactory handlers) {
    return webSocket(path, List.of(), handlers);
  }

  /// The same, with the subprotocols that this path speaks, the best first: the first of them that
  /// the client offers too is agreed upon, whatever the client's order; if it offers none of them,
  /// the WebSocket has none (RFC 6455 §4.2.2).
  public ServerBuilder webSocket(String path, List<String> subprotocols, HandlerFactory handlers) {
    routes.webSocket(path, subprotocols, handlers);
    return this;
  }

  /// A page for `GET` and `HEAD` of that path. The array is not copied.
  public ServerBuilder page(String path, String contentType, byte[] content) {
    return page(path, contentType, () -> content);
  }

  /// A page whose content is asked for at each request, on the connection's thread: it must not
  /// block. If that throws, the client gets `500 Internal Server Error`.
  public ServerBuilder page(String path, String contentType, Supplier<byte[]> content) {
    routes.page(path, contentType, content);
    return this;
  }

  /// Sizes of what a peer may send.
  public ServerBuilder limits(WebSocketLimits limits) {
    sessions = sessions.withLimits(limits);
    return this;
  }

  /// Lets pages of these origins open WebSockets, besides the server's own: `https://example.com`,
  /// with a port if it is not the scheme's; `*` for all, which is for servers that know their
  /// clients by something else than cookies; `null` for pages that have no origin. By default only
  /// pages of the same origin may, and others get `403 Forbidden`. Requests without an `Origin` are
  /// from no browser and are not asked.
  ///
  /// @throws IllegalArgumentException for what is no origin
  public ServerBuilder allowOrigins(String... more) {
    new OriginPolicy(List.of(more));
    origins.addAll(List.of(more));
    return this;
  }

  /// Who says who a client is, before its WebSocket is opened. By default nobody asks: a client
  /// that has shown a certificate is taken for its subject, any other for nobody known.
  public ServerBuilder authenticate(Authenticator who) {
    return authenticateAsync(
        request -> CompletableFuture.completedFuture(who.authenticate(request)));
  }

  /// The same, by somebody who needs time for it: at most [#handshakeTimeout].
  public ServerBuilder authenticateAsync(AsyncAuthenticator who) {
    authenticator = Objects.requireNonNull(who, "who");
    return this;
  }

  /// When a silent peer is pinged, when it is dropped, and how long a WebSocket may be idle. By
  /// default [KeepAlive#DEFAULT].
  public ServerBuilder keepAlive(KeepAlive when) {
    sessions = sessions.withKeepAlive(when);
    return this;
  }

  /// How much output may wait for a slow peer.
  public ServerBuilder output(OutputPolicy policy) {
    sessions = sessions.withOutput(policy);
    return this;
  }

  /// Compresses messages with clients that offer it (permessage-deflate, RFC 7692). Without this
  /// call none is.
  public ServerBuilder compression(CompressionOptions how) {
    sessions = sessions.withCompression(how);
    return this;
  }

  /// Speaks TLS (`wss`, `https`) and nothing in clear. Unless the options say something else, ALPN
  /// is answered with `http/1.1`.
  public ServerBuilder tls(TlsOptions options) {
    tls = options;
    return this;
  }

  /// How often the files of certificates are looked at; when one has changed they are all read
  /// again ([PolluxServer#reloadCertificates]). 0, the default: never.
  public ServerBuilder tlsReloadEvery(Duration time) {
    if (time.isNegative()) {
      throw new IllegalArgumentException("tlsReloadEvery is " + time + "; it must not be negative");
    }
    tlsReloadEvery = time;
    return this;
  }

  /// How long a client has to send its request; then it gets `408 Request Timeout`. An
  /// [AsyncAuthenticator] has the same time again. By default 10 seconds.
  public ServerBuilder handshakeTimeout(Duration time) {
    if (time.isNegative() || time.isZero() || time.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException(
          "handshakeTimeout is " + time + "; it must be more than 0 and at most 1 hour");
    }
    handshakeTimeout = time;
    return this;
  }

  /// How long a close may take, from the close frame to the end of the connection. By default 5
  /// seconds.
  public ServerBuilder closeTimeout(Duration time) {
    sessions = sessions.withCloseTimeout(time);
    return this;
  }

  /// How long a client that is there may take nothing of what it is sent: its side answers, but its
  /// window stays closed. Then the kernel gives its connection up. One that takes a little now and
  /// then is not concerned. By default 2 minutes.
  ///
  /// The kernel counts that time as it counts unacknowledged bytes (`TCP_USER_TIMEOUT`, tcp(7)), so
  /// the option is set to the longer one of this and [EngineOptions#userTimeout]; 0 of the latter
  /// leaves both to the system.
  public ServerBuilder stall(Duration time) {
    if (time.isNegative() || time.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException("stall is " + time + "; it must be from 0 to 1 day");
    }
    stall = time;
    return this;
  }

  private EngineOptions engineOptions() {
    Duration unacknowledged = engine.userTimeout();
    return unacknowledged.isZero() || unacknowledged.compareTo(stall) >= 0
        ? engine
        : engine.withUserTimeout(stall);
  }

  /// How long [PolluxServer#close] gives the sessions to end. By default 5 seconds.
  public ServerBuilder stopGrace(Duration time) {
    stopGrace = time;
    return this;
  }

  /// Threads for offloaded work; they are started when there is work. By default at most 64.
  public ServerBuilder offloadThreads(int atMost) {
    offloadThreads = atMost;
    return this;
  }

  /// Works of one WebSocket that may be offloaded and not told yet (256), and works of all that may
  /// wait for a thread (65,536); beyond these [dev.pollux.session.WebSocket#offload] returns false.
  public ServerBuilder offloadBacklog(int ofOneWebSocket, int ofAll) {
    sessions = sessions.withOffloadBacklog(ofOneWebSocket);
    offloadWaiting = ofAll;
    return this;
  }

  /// Starts the server; connections are accepted when this returns.
  ///
  /// @throws IOException if the model can't be had here, the address can't be listened on, or a
  ///   file for TLS can't be used; the message says what was refused: `bind 127.0.0.1:80: EACCES`
  public PolluxServer start() throws IOException {
    Admission admission = new Admission(new OriginPolicy(origins), authenticator, handshakeTimeout);
    InetSocketAddress address;
    try {
      address = new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      throw new IOException("listen on " + host + ":" + port + ": unknown host", e);
    }
    TlsOptions options = tls;
    ServerTls secured =
        options == null ? null : ServerTls.open(options, tlsReloadEvery, engine.threadName());
    OffloadPool pool = new OffloadPool(engine.threadName(), offloadThreads, offloadWaiting);
    Engine started;
    try {
      started = Engine.open(engineOptions());
    } catch (IOException | RuntimeException e) {
      pool.close();
      if (secured != null) {
        secured.close();
      }
      throw e;
    }
    return PolluxServer.listen(
        started,
        pool,
        secured,
        new HttpService(routes.build(), sessions, engine.memory(), pool, admission),
        address,
        stopGrace);
  }
}
