package dev.pollux.client;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.pollux.net.CloseReason;
import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import dev.pollux.net.tls.SecureConnection;
import dev.pollux.websocket.ClientHandshake;
import dev.pollux.websocket.DeflateParameters;
import dev.pollux.websocket.DeflateStreams;
import dev.pollux.websocket.HttpException;
import dev.pollux.websocket.HttpFields;
import dev.pollux.websocket.HttpResponse;
import dev.pollux.websocket.HttpResponseParser;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A connection of a client until the server has answered the opening handshake (RFC 6455 §4.1).
///
/// ```
///   onConnectFailed ------------------------------------------------------> the next address, or failed
///   onOpen: request out --> WAITING --101, all as asked: the protocol is made--> handed over to it
///                              |                          |                          |
///                              |                          | that throws              | it throws when it
///                              |                          v                          v is told
///                              +--another answer, a wrong one, none in time, the end--> failed, aborted
/// ```
///
/// The outcome is completed on each of these ways, with what was thrown if something was.
final class UpgradeProtocol<P extends Protocol> implements Protocol {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int QUOTED_BODY_BYTES = 300;

  private final ClientRequest request;
  private final long timeoutNanos;
  private final @Nullable DeflateStreams compression;
  private final AgreedProtocol<? extends P> next;
  private final CompletableFuture<? super P> outcome;
  private final Consumer<IOException> unreachable;
  private final ClientHandshake handshake;
  private final HttpResponseParser parser;

  /// @param compression what is offered of permessage-deflate; null for nothing
  /// @param outcome told of the protocol that took over, or of what failed
  /// @param unreachable told instead if there is no connection
  UpgradeProtocol(
      ClientRequest request,
      ClientOptions options,
      @Nullable DeflateStreams compression,
      AgreedProtocol<? extends P> next,
      CompletableFuture<? super P> outcome,
      Consumer<IOException> unreachable) {
    this.request = request;
    this.timeoutNanos = options.handshakeTimeout().toNanos();
    this.compression = compression;
    this.next = next;
    this.outcome = outcome;
    this.unreachable = unreachable;
    byte[] nonce = new byte[ClientHandshake.NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    this.handshake =
        request.handshake(nonce, compression == null ? List.of() : List.of(compression.offer()));
    this.parser = new HttpResponseParser(options.sessions().limits());
  }

  @Override
  public void onConnectFailed(IOException cause) {
    unreachable.accept(cause);
  }

  @Override
  public void onOpen(Connection connection) {
    try {
      connection.setTimer(timeoutNanos);
      byte[] bytes = handshake.request();
      connection.write(MemorySegment.ofArray(bytes), 0, bytes.length);
    } catch (Throwable failure) {
      fail(connection, failure);
    }
    var _ =
        outcome.whenComplete((_, _) -> {
          if (outcome.isCancelled()) {
            connection.enter(connection::abort);
          }
        });
  }

  @Override
  public void onBytes(Connection connection, MemorySegment buffer, int offset, int length) {
    if (!connection.isOpen()) {
      return;
    }
    int consumed = 0;
    HttpResponse response = null;
    P protocol;
    try {
      consumed = parser.parse(buffer, offset, length);
      response = parser.response();
      if (response == null) {
        return;
      }
      protocol = protocolFor(connection, response);
    } catch (HttpException refused) {
      String body = bodyOf(response, buffer, offset + consumed, length - consumed);
      fail(connection, HandshakeException.of(request, refused, body));
      return;
    } catch (Throwable failure) {
      fail(connection, failure);
      return;
    }
    if (outcome.isDone()) {
      // Cancelled by whoever asked for it.
      connection.abort();
    } else {
      handOver(connection, protocol, buffer, offset + consumed, length - consumed);
    }
  }

  private P protocolFor(Connection connection, HttpResponse response) throws HttpException {
    String subprotocol = handshake.check(response);
    DeflateParameters agreed =
        compression == null ? null : compression.agreed(handshake.extensions(response));
    connection.cancelTimer();
    return Objects.requireNonNull(
        next.protocolFor(connection, subprotocol, agreed),
        "nothing was made to take the connection over");
  }

  private void handOver(
      Connection connection, P protocol, MemorySegment buffer, int offset, int length) {
    try {
      connection.handOver(protocol, buffer, offset, length);
    } catch (Throwable failure) {
      // The engine aborts it and tells the protocol, which has the connection; nobody tells us.
      outcome.completeExceptionally(failure);
      throw failure;
    }
    if (!outcome.complete(protocol)) {
      connection.abort();
    }
  }

  @Override
  public void onTimer(Connection connection) {
    fail(connection, noAnswer("no answer within " + timeoutNanos / 1_000_000 + " ms"));
  }

  @Override
  public void onEndOfInput(Connection connection) {
    fail(connection, noAnswer("the server closed the connection before its answer was complete"));
  }

  @Override
  public void onClosed(Connection connection, CloseReason reason) {
    String tls = connection instanceof SecureConnection secure ? secure.tlsFailure() : null;
    outcome.completeExceptionally(
        noAnswer(
            "the connection ended before the server's answer was complete ("
                + (tls == null ? reason : tls)
                + ")"));
  }

  private HandshakeException noAnswer(String why) {
    return new HandshakeException(request, 0, HttpFields.NONE, why);
  }

  private void fail(Connection connection, Throwable why) {
    try {
      // Runs what depends on it.
      outcome.completeExceptionally(why);
    } finally {
      connection.abort();
    }
  }

  /// The first line of what the server says of its refusal, if it came along with the head and is
  /// plain text: mostly the best explanation that there is.
  private static String bodyOf(
      @Nullable HttpResponse response, MemorySegment buffer, int offset, int length) {
    if (response == null || length == 0) {
      return "";
    }
    String type = response.fields().first("Content-Type");
    if (type == null || !type.startsWith("text/plain")) {
      return "";
    }
    byte[] bytes = new byte[Math.min(length, QUOTED_BODY_BYTES)];
    MemorySegment.copy(buffer, JAVA_BYTE, offset, bytes, 0, bytes.length);
    String line = new String(bytes, StandardCharsets.UTF_8).lines().findFirst().orElse("");
    // It may end up in a terminal.
    String printable = line.replaceAll("\\p{Cntrl}", "?").strip();
    return printable.isEmpty() ? "" : ": " + printable;
  }
}
