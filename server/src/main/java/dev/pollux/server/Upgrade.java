package dev.pollux.server;

import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import dev.pollux.session.Opening;
import dev.pollux.session.RateLimitedLog;
import dev.pollux.session.WebSocketHandler;
import dev.pollux.session.WebSocketSession;
import dev.pollux.websocket.DeflateNegotiation;
import dev.pollux.websocket.DeflateStreams;
import dev.pollux.websocket.HttpException;
import dev.pollux.websocket.HttpRequest;
import dev.pollux.websocket.ServerHandshake;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.Principal;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// A connection between a valid opening handshake and the answer to it: until it is known who the
/// client is.
///
/// ```
///   onOpen --nobody asks, or it is known at once--------------+
///     |                                                       v
///     +--> WAITING, reading suspended --the stage completes--> SETTLED: 101, handed over to a session
///             |  too long: 503                                        or refused
///             +----------------------------------------------> SETTLED
/// ```
///
/// What the client sent behind its handshake is kept for the session.
final class Upgrade implements Protocol {
  private static final RateLimitedLog FAILURES =
      new RateLimitedLog(LoggerFactory.getLogger(PolluxServer.class));

  private final HttpService service;
  private final HttpRequest request;
  private final Routes.WebSocketRoute route;
  private final ServerHandshake handshake;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream(0);
  private boolean settled;
  private @Nullable WebSocketSession session;

  Upgrade(
      HttpService service,
      HttpRequest request,
      Routes.WebSocketRoute route,
      ServerHandshake handshake) {
    this.service = service;
    this.request = request;
    this.route = route;
    this.handshake = handshake;
  }

  @Override
  public void onOpen(Connection connection) {
    HandshakeView view = HandshakeView.of(request, connection);
    try {
      CompletionStage<? extends @Nullable Principal> stage =
          service.authenticator().authenticate(view);
      stage.whenComplete((principal, failure) -> completed(connection, principal, failure));
    } catch (HttpException refused) {
      settle(connection, null, refused);
    } catch (RuntimeException e) {
      settle(connection, null, e);
    }
    if (!settled) {
      connection.suspendReading();
      connection.setTimer(service.handshakeTimeoutNanos());
    }
  }

  private void completed(
      Connection connection, @Nullable Principal principal, @Nullable Throwable failure) {
    if (connection.isOwner()) {
      settle(connection, principal, failure);
    } else {
      // Not accepted, the timer will end it.
      connection.execute(() -> settle(connection, principal, failure));
    }
  }

  @Override
  public void onBytes(Connection connection, MemorySegment buffer, int offset, int length) {
    WebSocketSession opened = session;
    if (opened != null) {
      opened.onBytes(connection, buffer, offset, length);
    } else if (!settled) {
      kept.writeBytes(buffer.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Override
  public void onTimer(Connection connection) {
    service.handshakeTimeouts.increment();
    settle(connection, null, new HttpException(503, "it took too long to find out who you are"));
  }

  private void settle(
      Connection connection, @Nullable Principal principal, @Nullable Throwable failure) {
    if (settled || !connection.isOpen()) {
      return;
    }
    settled = true;
    connection.cancelTimer();
    connection.resumeReading();
    try {
      if (failure != null) {
        throw refusalFor(failure);
      }
      open(connection, principal);
    } catch (HttpException refused) {
      service.refuse(connection, refused);
    }
  }

  private static HttpException refusalFor(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof HttpException refused) {
      return refused;
    }
    FAILURES.log(Level.ERROR, "an authenticator failed", "", cause);
    return new HttpException(500, "the server failed");
  }

  private void open(Connection connection, @Nullable Principal principal) throws HttpException {
    if (service.isStopping()) {
      throw new HttpException(503, "the server is stopping");
    }
    WebSocketHandler handler;
    try {
      HandshakeView view = new HandshakeView(request, connection, principal);
      handler = route.handlers().handlerFor(view);
    } catch (RuntimeException e) {
      FAILURES.log(Level.ERROR, "no handler could be made", route.path(), e);
      throw new HttpException(500, "the server failed");
    }
    DeflateStreams streams = service.sessions().compression();
    DeflateNegotiation.Accepted accepted =
        streams == null ? null : streams.accept(handshake.offeredExtensions());
    byte[] response =
        handshake.response(accepted == null ? List.of() : List.of(accepted.answer())).bytes();
    connection.write(MemorySegment.ofArray(response), 0, response.length);
    WebSocketSession opened =
        new WebSocketSession(
            service.sessions(),
            connection,
            handler,
            false,
            openingFor(principal),
            accepted == null ? null : accepted.parameters());
    session = opened;
    connection.handOver(opened, MemorySegment.NULL, 0, 0);
    if (kept.size() > 0 && connection.isOpen()) {
      deliverKept(connection, opened);
    }
  }

  private Opening openingFor(@Nullable Principal principal) {
    String query = request.query();
    String subprotocol = handshake.subprotocol();
    return query == null && subprotocol == null && principal == null
        ? route.opening()
        : new Opening(route.path(), query, subprotocol, principal);
  }

  private void deliverKept(Connection connection, WebSocketSession opened) {
    byte[] bytes = kept.toByteArray();
    MemorySegment buffer = connection.buffers().borrow(bytes.length);
    try {
      MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, bytes.length);
      opened.onBytes(connection, buffer, 0, bytes.length);
    } finally {
      connection.buffers().giveBack(buffer);
    }
  }
}
