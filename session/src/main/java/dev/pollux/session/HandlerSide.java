package dev.pollux.session;

import dev.pollux.net.Connection;
import dev.pollux.websocket.CloseCode;
import dev.pollux.websocket.DeflateParameters;
import java.net.InetSocketAddress;
import java.security.Principal;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// The part of a session that faces the application: its handler, its tasks and offloaded works,
/// what they throw, and what the request was. A superclass for the same reason as [SessionOutput].
abstract class HandlerSide extends SessionOutput {
  private static final RateLimitedLog FAILURES =
      new RateLimitedLog(LoggerFactory.getLogger(WebSocketHandler.class));

  final WebSocketHandler handler;
  private final Opening opening;
  private @Nullable OffloadQueue offloads;
  private @Nullable Object attachment;

  HandlerSide(
      Sessions sessions,
      Connection connection,
      WebSocketHandler handler,
      boolean client,
      Opening opening) {
    super(sessions, connection, client);
    this.handler = handler;
    this.opening = opening;
  }

  /// Whether the connection is gone. Any thread.
  abstract boolean hasEnded();

  /// Begins the closing handshake, unless it has begun. As the owner.
  abstract void startClose(int code, String reason);

  @Override
  void tellDrained() {
    runGuarded(() -> handler.onDrain(this));
  }

  @Override
  public boolean execute(Runnable task) {
    return connection.execute(() -> runGuarded(task));
  }

  /// Runs what belongs to the handler; what it throws is the handler's failure. As the owner.
  void runGuarded(Runnable callback) {
    try {
      callback.run();
    } catch (Throwable e) {
      handlerFailed(e);
    }
  }

  /// As the owner.
  void handlerFailed(Throwable cause) {
    sessions.counters().handlerFailures.increment();
    FAILURES.log(Level.ERROR, "a handler failed", path(), cause);
    if (hasEnded()) {
      return;
    }
    try {
      handler.onError(this, cause);
    } catch (Throwable e) {
      FAILURES.log(Level.ERROR, "a handler failed in onError", path(), e);
    }
    startClose(CloseCode.INTERNAL_ERROR, "");
  }

  @Override
  public <T extends @Nullable Object> boolean offload(Callable<T> work, Consumer<? super T> then) {
    return offloadCounted(work, then, null);
  }

  @Override
  public <T extends @Nullable Object> boolean offload(
      Callable<T> work, Consumer<? super T> then, Consumer<? super Throwable> failed) {
    return offloadCounted(work, then, failed);
  }

  private <T extends @Nullable Object> boolean offloadCounted(
      Callable<T> work, Consumer<? super T> then, @Nullable Consumer<? super Throwable> failed) {
    boolean accepted = !hasEnded() && offloads().submit(work, then, failed);
    (accepted ? sessions.counters().offloads : sessions.counters().offloadsRefused).increment();
    return accepted;
  }

  /// Works that have not begun are not run any more.
  final synchronized void endOffloads() {
    if (offloads != null) {
      offloads.end();
    }
  }

  private synchronized OffloadQueue offloads() {
    if (offloads == null) {
      offloads = new OffloadQueue(this);
    }
    return offloads;
  }

  // The request, and the rest

  @Override
  public @Nullable InetSocketAddress remoteAddress() {
    return connection.remoteAddress();
  }

  @Override
  public String path() {
    return opening.path();
  }

  @Override
  public @Nullable String query() {
    return opening.query();
  }

  @Override
  public @Nullable String subprotocol() {
    return opening.subprotocol();
  }

  @Override
  public @Nullable DeflateParameters compression() {
    return compression == null ? null : compression.parameters();
  }

  @Override
  public @Nullable Principal principal() {
    return opening.principal();
  }

  @Override
  public void attach(@Nullable Object object) {
    attachment = object;
  }

  @Override
  public @Nullable Object attachment() {
    return attachment;
  }

  @Override
  public String toString() {
    return "WebSocket " + path() + " of " + remoteAddress();
  }
}
