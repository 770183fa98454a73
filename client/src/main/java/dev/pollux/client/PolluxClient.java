package dev.pollux.client;

import dev.pollux.net.ConnectOptions;
import dev.pollux.net.Engine;
import dev.pollux.net.IoModel;
import dev.pollux.net.MemoryBudget;
import dev.pollux.net.Protocol;
import dev.pollux.session.OffloadPool;
import dev.pollux.session.Opening;
import dev.pollux.session.Sessions;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import dev.pollux.session.WebSocketSession;
import dev.pollux.websocket.DeflateStreams;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Connects to WebSocket servers, any number of them on one engine. Any thread may call its
/// methods.
///
/// ```java
/// try (PolluxClient client = PolluxClient.builder().io(IoModel.EPOLL).start()) {
///   WebSocket ws = client.connect(URI.create("ws://127.0.0.1:8080/echo"), handler).get();
///   ws.sendText("hello");
/// }
/// ```
public final class PolluxClient implements AutoCloseable {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final Engine engine;
  private final OffloadPool offloadPool;
  private final ClientOptions options;
  private final Sessions sessions;
  private final Security security;
  private final Delays delays;
  private volatile boolean stopping;

  /// Takes all but the options over.
  PolluxClient(
      Engine engine,
      MemoryBudget memory,
      OffloadPool pool,
      Security security,
      Delays delays,
      ClientOptions options) {
    this.engine = engine;
    this.offloadPool = pool;
    this.security = security;
    this.delays = delays;
    this.options = options;
    this.sessions = new Sessions(options.sessions(), memory, pool);
  }

  /// A client to be described and then started.
  public static ClientBuilder builder() {
    return new ClientBuilder();
  }

  /// Connects to `uri`.
  ///
  /// @throws IllegalArgumentException if it is no URI of a WebSocket
  public CompletableFuture<WebSocket> connect(URI uri, WebSocketHandler handler) {
    return connect(ClientRequest.to(uri), handler);
  }

  /// Connects as the request says; never waits.
  ///
  /// @return the WebSocket, completed on its own thread after [WebSocketHandler#onOpen]; or failed
  ///   with an [java.io.IOException] if the server could not be reached (`connect 127.0.0.1:80:
  ///   ECONNREFUSED`) or with a [HandshakeException] if it did not agree. The handler then hears
  ///   nothing. It fails with whatever else went wrong on the way, such as what the handler has
  ///   thrown before its `onOpen` ([dev.pollux.session.StreamingHandler#wholeUpToBytes]).
  ///   Cancelling it gives the connection up.
  public CompletableFuture<WebSocket> connect(ClientRequest request, WebSocketHandler handler) {
    Objects.requireNonNull(handler, "handler");
    CompletableFuture<WebSocket> outcome = new CompletableFuture<>();
    Opening plain = request.opening();
    this.<WebSocketSession>open(
        request,
        sessions.compression(),
        (connection, subprotocol, agreed) ->
            new WebSocketSession(
                sessions,
                connection,
                handler,
                true,
                subprotocol == null
                    ? plain
                    : new Opening(plain.path(), plain.query(), subprotocol, null),
                agreed),
        outcome);
    return outcome;
  }

  /// The same for who speaks in frames by himself: when the opening handshake is done, the
  /// connection is handed over to the protocol that `next` makes. No extension is offered. The
  /// future is completed behind the protocol's `onOpen`; it fails with what `next` or that throws.
  public <P extends Protocol> CompletableFuture<P> upgrade(
      ClientRequest request, UpgradedProtocol<? extends P> next) {
    CompletableFuture<P> outcome = new CompletableFuture<>();
    this.<P>open(
        request,
        null,
        (connection, subprotocol, _) -> next.protocolFor(connection, subprotocol),
        outcome);
    return outcome;
  }

  /// The same with permessage-deflate (RFC 7692) offered, as this client's options have it: `next`
  /// is told what was agreed upon, and compresses by itself.
  public <P extends Protocol> CompletableFuture<P> upgradeCompressed(
      ClientRequest request, AgreedProtocol<? extends P> next) {
    CompletableFuture<P> outcome = new CompletableFuture<>();
    this.<P>open(request, sessions.compression(), next, outcome);
    return outcome;
  }

  private <P extends Protocol> void open(
      ClientRequest request,
      @Nullable DeflateStreams compression,
      AgreedProtocol<? extends P> next,
      CompletableFuture<? super P> outcome) {
    try {
      Addresses.find(
          request,
          options,
          addresses -> this.<P>connectToNext(request, addresses, compression, next, outcome),
          outcome::completeExceptionally);
    } catch (Throwable failure) {
      outcome.completeExceptionally(failure);
    }
  }

  /// On any thread: whoever calls it has nobody to tell what it throws, so it throws nothing.
  private <P extends Protocol> void connectToNext(
      ClientRequest request,
      Addresses addresses,
      @Nullable DeflateStreams compression,
      AgreedProtocol<? extends P> next,
      CompletableFuture<? super P> outcome) {
    try {
      ConnectOptions to = addresses.next();
      if (to == null || outcome.isDone()) {
        outcome.completeExceptionally(addresses.failure());
        return;
      }
      UpgradeProtocol<P> upgrade =
          new UpgradeProtocol<>(
              request,
              options,
              compression,
              next,
              outcome,
              cause -> {
                addresses.failed(cause);
                this.<P>connectToNext(request, addresses, compression, next, outcome);
              });
      engine.connect(to, request.isSecure() ? security.around(upgrade, request) : upgrade);
    } catch (Throwable failure) {
      outcome.completeExceptionally(failure);
    }
  }

  /// Connects as the request says, and again whenever that fails or the connection ends, until
  /// [Reconnecting#close]. Never waits.
  ///
  /// @param handler hears of each connection as of a new WebSocket
  public Reconnecting stayConnected(
      ClientRequest request,
      WebSocketHandler handler,
      ReconnectPolicy policy,
      ReconnectListener listener) {
    Backoff backoff = new Backoff(policy, RandomGenerator.getDefault());
    Reconnecting reconnecting =
        new Reconnecting(this, request, handler, listener, backoff, delays, System::nanoTime);
    reconnecting.connect();
    return reconnecting;
  }

  boolean isStopping() {
    return stopping;
  }

  public IoModel model() {
    return engine.model();
  }

  /// How many loops run; 1 for models without loops.
  public int loops() {
    return engine.loops();
  }

  /// What the client has done so far.
  public ClientStatistics statistics() {
    return new ClientStatistics(engine.statistics(), sessions.statistics());
  }

  /// Closes each WebSocket with 1001 (going away) behind what is pending for it, waits until all
  /// have ended or `grace` is over, and then ends every connection, thread and descriptor. Returns
  /// when they are gone.
  ///
  /// Not to be called from a handler: it would wait for itself until the grace is over.
  public void stop(Duration grace) {
    long deadline = System.nanoTime() + grace.toNanos();
    stopping = true;
    delays.close();
    List<WebSocketSession> open = sessions.open();
    while (!open.isEmpty()
        && !Thread.currentThread().isInterrupted()
        && System.nanoTime() - deadline < 0) {
      open.forEach(session -> session.close(1001, "the client is stopping"));
      LockSupport.parkNanos(LOOK_NANOS);
      open = sessions.open();
    }
    engine.close();
    sessions.close();
    security.close();
    offloadPool.close();
  }

  /// Stops with the grace that the builder was told.
  @Override
  public void close() {
    stop(options.stopGrace());
  }
}
