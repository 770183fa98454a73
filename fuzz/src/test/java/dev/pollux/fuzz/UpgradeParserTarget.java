package dev.pollux.fuzz;

import dev.pollux.websocket.HttpException;
import dev.pollux.websocket.HttpRequest;
import dev.pollux.websocket.HttpRequestParser;
import dev.pollux.websocket.HttpResponse;
import dev.pollux.websocket.HttpResponseParser;
import dev.pollux.websocket.ServerHandshake;
import dev.pollux.websocket.WebSocketLimits;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Objects;

/// The heads of HTTP: however a request is cut, the same comes of it; nothing but an
/// [HttpException] is thrown; and every answer to it is one that the parser of responses takes.
public final class UpgradeParserTarget {
  private static final WebSocketLimits LIMITS =
      WebSocketLimits.defaults().withMaxHandshakeBytes(2048).withMaxHeaders(16);

  private UpgradeParserTarget() {}

  public static void fuzzerTestOneInput(byte[] bytes) {
    var input = new Input(bytes);
    int pieceBytes = 1 + input.next();
    byte[] head = input.rest();
    String expected = answer(head, Math.max(1, head.length));
    String inPieces = answer(head, pieceBytes);
    if (!expected.equals(inPieces)) {
      throw new IllegalStateException(
          "in pieces of " + pieceBytes + ": " + inPieces + " instead of " + expected);
    }
  }

  private static String answer(byte[] head, int pieceBytes) {
    var parser = new HttpRequestParser(LIMITS);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(Math.max(1, head.length));
      MemorySegment.copy(head, 0, buffer, ValueLayout.JAVA_BYTE, 0, head.length);
      int at = 0;
      while (at < head.length && parser.request() == null) {
        at += parser.parse(buffer, at, Math.min(pieceBytes, head.length - at));
      }
      HttpRequest request = parser.request();
      return request == null ? "incomplete" : answer(request) + ", rest " + (head.length - at);
    } catch (HttpException refused) {
      return checked(HttpResponse.refusal(refused));
    }
  }

  private static String answer(HttpRequest request) throws HttpException {
    if (request.path().isEmpty() || request.authority().isEmpty()) {
      throw new IllegalStateException("a request without path or host: " + request);
    }
    ServerHandshake handshake = ServerHandshake.accept(request, List.of("b", "a"));
    if (request.hasBody() || !request.method().equals("GET")) {
      throw new IllegalStateException("not to be upgraded: " + request);
    }
    return checked(handshake.response());
  }

  private static String checked(HttpResponse response) {
    byte[] bytes = response.head();
    var parser = new HttpResponseParser(WebSocketLimits.defaults());
    try {
      int consumed = parser.parse(MemorySegment.ofArray(bytes), 0, bytes.length);
      HttpResponse read = Objects.requireNonNull(parser.response(), "incomplete");
      if (consumed != bytes.length || read.status() != response.status()) {
        throw new IllegalStateException("an answer of several: " + response.status());
      }
    } catch (HttpException e) {
      throw new IllegalStateException("the answer is malformed", e);
    }
    return response.status() + " " + response.reason();
  }
}
