package dev.pollux.server;

import dev.pollux.net.CloseReason;
import dev.pollux.net.Connection;
import dev.pollux.net.MemoryBudget;
import dev.pollux.net.MemoryRefusal;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.net.tls.SecureConnection;
import dev.pollux.websocket.HttpException;
import dev.pollux.websocket.HttpFields;
import dev.pollux.websocket.HttpRequest;
import dev.pollux.websocket.HttpRequestParser;
import dev.pollux.websocket.HttpResponse;
import dev.pollux.websocket.ServerHandshake;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A connection until its one request is answered: it becomes a WebSocket, or gets a page or a
/// refusal and is closed.
///
/// ```
///   WAITING FOR THE HEAD --a valid opening handshake--> handed over to an Upgrade
///     |        |
///     |        +--complete: a page (200) or a refusal (400, 403, 404, 405, 426, 503)--> closed
///     |        +--complete, and something throws (500) -------------------------------> closed
///     +--malformed (400, 414, 431, 501, 505), or too slow (408) ----------------------> closed
/// ```
///
/// Whatever is thrown up to there is answered by [HttpService#refuse]; what is thrown when the
/// connection has been handed over is not this protocol's, which must not write any more.
final class HttpProtocol implements Protocol {
  /// Characters, the strings that they become, and what grows with them.
  private static final int HEAP_BYTES_OF_HEAD_BYTE = 4;

  private final HttpService service;
  private final HttpRequestParser parser;

  /// What is accounted for the head.
  private int charged;

  HttpProtocol(HttpService service) {
    this.service = service;
    this.parser = new HttpRequestParser(service.sessions().options().limits());
  }

  @Override
  public void onOpen(Connection connection) {
    connection.setTimer(service.handshakeTimeoutNanos());
  }

  @Override
  public void onBytes(Connection connection, MemorySegment buffer, int offset, int length) {
    if (!connection.isOpen()) {
      // The one request was answered; whatever follows it is thrown away.
      return;
    }
    Upgrade upgrade;
    int consumed;
    try {
      charge(length);
      consumed = parser.parse(buffer, offset, length);
      HttpRequest request = parser.request();
      if (request == null) {
        return;
      }
      connection.cancelTimer();
      service.requests.increment();
      upgrade = answer(connection, request);
    } catch (Throwable failure) {
      service.refuse(connection, path(), failure);
      return;
    }
    release();
    if (upgrade != null) {
      connection.handOver(upgrade, buffer, offset + consumed, length - consumed);
    }
  }

  /// What the head becomes lies in the heap, and grows with peers as nothing else there does: it
  /// counts as what it costs, about.
  private void charge(int headBytes) throws HttpException {
    int bytes = Math.min(headBytes, service.sessions().options().limits().maxHandshakeBytes());
    MemoryBudget memory = service.memory();
    if (!memory.takesNewcomers() || !memory.tryCharge((long) HEAP_BYTES_OF_HEAD_BYTE * bytes)) {
      memory.refused(MemoryRefusal.NEWCOMER);
      throw new HttpException(503, "the server has no memory for another connection at the moment");
    }
    charged += HEAP_BYTES_OF_HEAD_BYTE * bytes;
  }

  private void release() {
    service.memory().release(charged);
    charged = 0;
  }

  @Override
  public void onClosed(Connection connection, CloseReason reason) {
    release();
  }

  /// For the log.
  private String path() {
    HttpRequest request = parser.request();
    return request == null ? "(before its head was complete)" : request.path();
  }

  @Override
  public void onTimer(Connection connection) {
    service.handshakeTimeouts.increment();
    service.refuse(
        connection, path(), new HttpException(408, "the request was not complete in time"));
  }

  @Override
  public void onRefused(Connection connection, Refusal refusal) {
    byte[] response = HttpResponse.text(503, reasonOf(refusal)).bytes();
    connection.write(MemorySegment.ofArray(response), 0, response.length);
  }

  private static String reasonOf(Refusal refusal) {
    return switch (refusal) {
      case DESCRIPTOR_BEYOND_FD_SETSIZE ->
          "this server waits with select(), whose fd_set holds descriptors below FD_SETSIZE (1024)"
              + " only: a limit of the C library, not of the kernel; start it with another I/O"
              + " model";
      case OUT_OF_DESCRIPTORS ->
          "the process or the system is out of file descriptors (EMFILE, ENFILE)";
      case TOO_MANY_CONNECTIONS ->
          "the server has as many connections as it takes (maxConnections)";
      case OUT_OF_MEMORY -> "the server has no memory for another connection at the moment";
      case OUT_OF_RESOURCES -> "the kernel has no memory or no thread for another connection";
    };
  }

  /// Answers the request, unless it is one for an upgrade, which is returned.
  private @Nullable Upgrade answer(Connection connection, HttpRequest request)
      throws HttpException {
    if (service.isStopping()) {
      throw new HttpException(503, "the server is stopping");
    }
    return switch (service.routes().find(request.path())) {
      case Routes.WebSocketRoute route -> {
        ServerHandshake handshake = ServerHandshake.accept(request, route.subprotocols());
        service.origins().check(request, connection instanceof SecureConnection);
        yield new Upgrade(service, connection, request, route, handshake);
      }
      case Routes.PageRoute page -> {
        service.answer(connection, request.path(), response(page, request.method()));
        yield null;
      }
      case null -> throw new HttpException(404, "there is nothing at " + request.path());
    };
  }

  private static byte[] response(Routes.PageRoute page, String method) throws HttpException {
    boolean headOnly = method.equals("HEAD");
    if (!headOnly && !method.equals("GET")) {
      throw new HttpException(
          405, "a page is for GET and HEAD", HttpFields.NONE.with("Allow", "GET, HEAD"));
    }
    byte[] content =
        Objects.requireNonNull(page.content().get(), "the page's supplier returned no content");
    HttpResponse response =
        HttpResponse.of(200, page.contentType(), content).with("Cache-Control", "no-cache");
    return headOnly ? response.head() : response.bytes();
  }
}
