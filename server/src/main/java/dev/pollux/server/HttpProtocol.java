package dev.pollux.server;

import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.net.tls.SecureConnection;
import dev.pollux.session.RateLimitedLog;
import dev.pollux.websocket.HttpException;
import dev.pollux.websocket.HttpFields;
import dev.pollux.websocket.HttpRequest;
import dev.pollux.websocket.HttpRequestParser;
import dev.pollux.websocket.HttpResponse;
import dev.pollux.websocket.ServerHandshake;
import java.lang.foreign.MemorySegment;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// A connection until its one request is answered: it becomes a WebSocket, or gets a page or a
/// refusal and is closed.
///
/// ```
///   WAITING FOR THE HEAD --a valid opening handshake--> handed over to an Upgrade
///     |        |
///     |        +--complete: a page (200) or a refusal (400, 403, 404, 405, 426, 503)--> closed
///     +--malformed (400, 414, 431, 501, 505), or too slow (408) ----------------> closed
/// ```
final class HttpProtocol implements Protocol {
  private static final RateLimitedLog FAILURES =
      new RateLimitedLog(LoggerFactory.getLogger(PolluxServer.class));

  private final HttpService service;
  private final HttpRequestParser parser;

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
    try {
      int consumed = parser.parse(buffer, offset, length);
      HttpRequest request = parser.request();
      if (request != null) {
        connection.cancelTimer();
        service.requests.increment();
        answer(connection, request, buffer, offset + consumed, length - consumed);
      }
    } catch (HttpException refused) {
      service.refuse(connection, refused);
    }
  }

  @Override
  public void onTimer(Connection connection) {
    service.handshakeTimeouts.increment();
    service.refuse(connection, new HttpException(408, "the request was not complete in time"));
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
      case OUT_OF_RESOURCES -> "the kernel has no memory or no thread for another connection";
    };
  }

  private void answer(
      Connection connection, HttpRequest request, MemorySegment buffer, int offset, int length)
      throws HttpException {
    if (service.isStopping()) {
      throw new HttpException(503, "the server is stopping");
    }
    switch (service.routes().find(request.path())) {
      case Routes.WebSocketRoute route ->
          upgrade(connection, request, route, buffer, offset, length);
      case Routes.PageRoute page -> send(connection, page, request.method());
      case null -> throw new HttpException(404, "there is nothing at " + request.path());
    }
  }

  private void upgrade(
      Connection connection,
      HttpRequest request,
      Routes.WebSocketRoute route,
      MemorySegment buffer,
      int offset,
      int length)
      throws HttpException {
    ServerHandshake handshake = ServerHandshake.accept(request, route.subprotocols());
    service.origins().check(request, connection instanceof SecureConnection);
    connection.handOver(new Upgrade(service, request, route, handshake), buffer, offset, length);
  }

  private static void send(Connection connection, Routes.PageRoute page, String method)
      throws HttpException {
    boolean headOnly = method.equals("HEAD");
    if (!headOnly && !method.equals("GET")) {
      throw new HttpException(
          405, "a page is for GET and HEAD", HttpFields.NONE.with("Allow", "GET, HEAD"));
    }
    byte[] content;
    try {
      content = page.content().get();
    } catch (RuntimeException e) {
      FAILURES.log(Level.ERROR, "a page failed", page.contentType(), e);
      throw new HttpException(500, "the server failed");
    }
    HttpResponse response =
        HttpResponse.of(200, page.contentType(), content).with("Cache-Control", "no-cache");
    byte[] bytes = headOnly ? response.head() : response.bytes();
    connection.write(MemorySegment.ofArray(bytes), 0, bytes.length);
    connection.close();
  }
}
