package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.session.WebSocketHandler;
import dev.pollux.websocket.HttpException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a connection is answered that does not become a WebSocket.
@SuppressWarnings("NullAway.Init") // the method before each test sets the field
final class HttpTest {
  private static final WebSocketHandler NOTHING = new WebSocketHandler() {};

  private PolluxServer server;

  @BeforeEach
  void start() throws IOException {
    server =
        Pollux.server()
            .webSocket("/ws", NOTHING)
            .webSocket("/spoken", List.of("v2", "v1"), request -> NOTHING)
            .webSocket(
                "/broken",
                request -> {
                  throw new IllegalStateException("a secret");
                })
            .webSocket(
                "/own",
                request -> {
                  if (!"http://test".equals(request.header("Origin"))) {
                    throw new HttpException(403, "not from there");
                  }
                  return NOTHING;
                })
            .page("/", "text/plain", "hello".getBytes(StandardCharsets.US_ASCII))
            .start();
  }

  @AfterEach
  void stop() {
    server.stop(Duration.ofMillis(200));
  }

  private String answerTo(String request) throws IOException {
    try (RawClient client = new RawClient(server.address(), 0)) {
      client.write(request.getBytes(StandardCharsets.ISO_8859_1));
      return client.readAll();
    }
  }

  private String answerTo(String method, String path) throws IOException {
    return answerTo(method + " " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
  }

  @Test
  void aPageIsServedAndTheConnectionClosed() throws IOException {
    String answer = answerTo("GET", "/?query=ignored");
    assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
    assertTrue(answer.contains("Content-Length: 5\r\n"), answer);
    assertTrue(answer.contains("Connection: close\r\n"), answer);
    assertTrue(answer.endsWith("\r\n\r\nhello"), answer);
    assertEquals(1, server.statistics().requests());
  }

  @Test
  void headHasNoBody() throws IOException {
    String answer = answerTo("HEAD", "/");
    assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
    assertTrue(answer.endsWith("\r\n\r\n"), answer);
  }

  @Test
  void aSecondRequestOnTheSameConnectionIsNotAnswered() throws IOException {
    String one = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
    assertEquals(1, answerTo(one + one).split("HTTP/1.1 200", -1).length - 1);
  }

  @Test
  void aRefusalHasItsStatusAndASentence() throws IOException {
    assertTrue(answerTo("GET", "/nothing").startsWith("HTTP/1.1 404 "));
    assertTrue(answerTo("POST", "/").contains("Allow: GET, HEAD\r\n"));
    assertTrue(answerTo("GET", "/ws").startsWith("HTTP/1.1 426 "));
    assertTrue(answerTo("POST", "/ws").startsWith("HTTP/1.1 405 "));
    assertTrue(answerTo("nonsense\r\n\r\n").startsWith("HTTP/1.1 400 "));
    String handshake = new String(RawClient.handshake("/ws"), StandardCharsets.US_ASCII);
    String noKey = answerTo(handshake.replaceFirst("Sec-WebSocket-Key: .*\r\n", ""));
    assertTrue(noKey.startsWith("HTTP/1.1 400 "), noKey);
    assertTrue(noKey.contains("Sec-WebSocket-Key"), noKey);
    assertEquals(6, server.statistics().badRequests());
  }

  @Test
  void aFactoryThatThrowsIs500WithoutItsText() throws IOException {
    String answer = answerTo(new String(RawClient.handshake("/broken"), StandardCharsets.US_ASCII));
    assertTrue(answer.startsWith("HTTP/1.1 500 "), answer);
    assertTrue(!answer.contains("secret"), answer);
  }

  @Test
  void aFactoryMayRefuse() throws IOException {
    String request = new String(RawClient.handshake("/own"), StandardCharsets.US_ASCII);
    assertTrue(answerTo(request).startsWith("HTTP/1.1 403 Forbidden\r\n"));
    String own = request.replace("\r\n\r\n", "\r\nOrigin: http://test\r\n\r\n");
    try (RawClient client = new RawClient(server.address(), 0)) {
      client.write(own.getBytes(StandardCharsets.US_ASCII));
      assertTrue(client.readHead().startsWith("HTTP/1.1 101 "));
    }
  }

  @Test
  void theServersPreferredSubprotocolIsAgreedUpon() throws IOException {
    String request =
        new String(RawClient.handshake("/spoken"), StandardCharsets.US_ASCII)
            .replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: v1, v2\r\n\r\n");
    try (RawClient client = new RawClient(server.address(), 0)) {
      client.write(request.getBytes(StandardCharsets.US_ASCII));
      assertTrue(client.readHead().contains("Sec-WebSocket-Protocol: v2\r\n"));
    }
  }

  @Test
  void aClientThatDoesNotFinishItsRequestIs408() throws IOException {
    try (PolluxServer impatient =
            Pollux.server()
                .webSocket("/", NOTHING)
                .handshakeTimeout(Duration.ofMillis(50))
                .start();
        RawClient client = new RawClient(impatient.address(), 0)) {
      client.write(new byte[] {'G', 'E', 'T'});
      String answer = client.readAll();
      assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
      assertEquals(1, impatient.statistics().handshakeTimeouts());
    }
  }

  @Test
  void oneConnectionTooManyIs503WithTheReason() throws IOException {
    try (PolluxServer small =
            Pollux.server()
                .webSocket("/", NOTHING)
                .maxConnections(1)
                .stopGrace(Duration.ofMillis(100))
                .start();
        RawClient first = new RawClient(small.address(), "/");
        RawClient second = new RawClient(small.address(), 0)) {
      String answer = second.readAll();
      assertTrue(answer.startsWith("HTTP/1.1 503 Service Unavailable\r\n"), answer);
      assertTrue(answer.contains("Connection: close\r\n"), answer);
      assertTrue(answer.contains("maxConnections"), answer);
      first.sendText("the first one stays");
      assertEquals(1, small.statistics().engine().refused());
    }
  }

  @Test
  void aUsedPortIsOneClearSentence() {
    IOException refused =
        assertThrows(
            IOException.class,
            () ->
                Pollux.server()
                    .port(server.address().getPort())
                    .webSocket("/", NOTHING)
                    .start()
                    .close());
    assertTrue(String.valueOf(refused.getMessage()).contains("EADDRINUSE"), refused::toString);
    IOException unknown =
        assertThrows(
            IOException.class, () -> Pollux.server().host("no.such.host.invalid").start().close());
    assertTrue(String.valueOf(unknown.getMessage()).contains("unknown host"), unknown::toString);
  }

  @Test
  void routesAreCheckedWhenTheyAreNamed() {
    assertThrows(IllegalArgumentException.class, () -> Pollux.server().webSocket("chat", NOTHING));
    assertThrows(
        IllegalArgumentException.class,
        () -> Pollux.server().webSocket("/a", NOTHING).page("/a", "text/plain", new byte[0]));
  }
}
