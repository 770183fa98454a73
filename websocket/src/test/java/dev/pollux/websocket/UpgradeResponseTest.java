package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// RFC 6455 §3, §4.1.
class UpgradeResponseTest {
  private static final byte[] NONCE = "the sample nonce".getBytes(StandardCharsets.US_ASCII);
  private static final String GOOD =
      """
      HTTP/1.1 101 Switching Protocols
      Upgrade: websocket
      Connection: Upgrade
      Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=

      """
          .replace("\n", "\r\n");

  private static ClientHandshake client(String uri, String... subprotocols) {
    return new ClientHandshake(URI.create(uri), NONCE, List.of(subprotocols));
  }

  private static String request(String uri, String... subprotocols) {
    return new String(client(uri, subprotocols).request(), StandardCharsets.ISO_8859_1);
  }

  private static String with(String line) {
    return GOOD.substring(0, GOOD.length() - 2) + line + "\r\n\r\n";
  }

  private static void assertFailed(int status, String response) {
    HttpException failed =
        assertThrows(
            HttpException.class,
            () -> client("ws://h/", "chat", "v2").check(HttpWire.response(response)),
            response);
    assertEquals(status, failed.status(), failed.reason());
  }

  @Test
  void theRequestIsWhatTheServerTakes() throws Exception {
    String text = request("ws://Example.com:8080/chat?room=1", "chat", "v2");
    assertEquals(
        """
        GET /chat?room=1 HTTP/1.1
        Host: example.com:8080
        Upgrade: websocket
        Connection: Upgrade
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
        Sec-WebSocket-Version: 13
        Sec-WebSocket-Protocol: chat, v2

        """
            .replace("\n", "\r\n"),
        text);
    ServerHandshake server = ServerHandshake.accept(HttpWire.request(text), List.of("v2"));
    String answer = new String(server.response().bytes(), StandardCharsets.ISO_8859_1);
    ClientHandshake client = client("ws://Example.com:8080/chat?room=1", "chat", "v2");
    assertEquals("v2", client.check(HttpWire.response(answer)));
  }

  @Test
  void hostAndResourceNameFollowTheUri() {
    assertTrue(request("ws://h").startsWith("GET / HTTP/1.1\r\nHost: h\r\n"));
    assertTrue(request("WS://h:80?q").startsWith("GET /?q HTTP/1.1\r\nHost: h\r\n"));
    assertTrue(request("wss://h:443/a%20b").startsWith("GET /a%20b HTTP/1.1\r\nHost: h\r\n"));
    assertTrue(request("wss://h:80/").startsWith("GET / HTTP/1.1\r\nHost: h:80\r\n"));
    assertTrue(request("ws://[::1]:9/é").startsWith("GET /%C3%A9 HTTP/1.1\r\nHost: [::1]:9\r\n"));
  }

  @Test
  void moreHeaderFieldsCanBeSent() {
    HttpFields more = HttpFields.NONE.with("Origin", "https://a.example");
    byte[] request = new ClientHandshake(URI.create("ws://h/"), NONCE, List.of(), more).request();
    String text = new String(request, StandardCharsets.ISO_8859_1);
    assertTrue(text.endsWith("\r\nOrigin: https://a.example\r\n\r\n"), text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://h/", "ws:///x", "ws://u@h/", "ws://h/#f", "/x", "ws:h"})
  void aUriThatIsNotOfAWebSocketIsRefused(String uri) {
    assertThrows(IllegalArgumentException.class, () -> client(uri));
  }

  @Test
  void aBadNonceOrSubprotocolIsRefused() {
    URI uri = URI.create("ws://h/");
    assertThrows(
        IllegalArgumentException.class, () -> new ClientHandshake(uri, new byte[15], List.of()));
    assertThrows(IllegalArgumentException.class, () -> client("ws://h/", "a", "a"));
    assertThrows(IllegalArgumentException.class, () -> client("ws://h/", "a b"));
  }

  @Test
  void aGoodResponseIsTaken() throws Exception {
    assertNull(client("ws://h/", "chat").check(HttpWire.response(GOOD)));
    assertEquals(
        "chat",
        client("ws://h/", "chat")
            .check(HttpWire.response(with("Sec-WebSocket-Protocol: chat") + "\u0081\u0000")));
    String loose = GOOD.replace(": websocket", ": WebSocket").replace(": Upgrade", ": a, upgrade");
    assertNull(client("ws://h/").check(HttpWire.response(loose)));
  }

  @Test
  void aBadResponseIsNot() {
    assertFailed(502, GOOD.replace("Upgrade: websocket\r\n", ""));
    assertFailed(502, GOOD.replace("Upgrade: websocket", "Upgrade: h2c"));
    assertFailed(502, with("Upgrade: h2c"));
    assertFailed(502, GOOD.replace("Connection: Upgrade", "Connection: close"));
    assertFailed(502, GOOD.replace("s3p", "S3p"));
    assertFailed(502, GOOD.replace("Sec-WebSocket-Accept", "X"));
    assertFailed(502, with("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assertFailed(502, with("Sec-WebSocket-Extensions: permessage-deflate"));
    assertFailed(502, with("Sec-WebSocket-Protocol: other"));
    assertFailed(502, with("Sec-WebSocket-Protocol: chat, v2"));
    assertFailed(502, with("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: v2"));
    assertFailed(502, with("Sec-WebSocket-Protocol:"));
  }

  @Test
  void anotherStatusIsToldAsItIs() {
    assertFailed(403, GOOD.replace("101 Switching Protocols", "403 No"));
    assertFailed(200, GOOD.replace("101 Switching Protocols", "200 "));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.0",
        "HTTP/2",
        "http",
        "\u0000",
        "HTTP/1.1  ",
        "HTTP/1.1 10\r",
        "HTTP/1.1 0",
        "HTTP/1.1 6",
        "HTTP/1.1 1011",
        "HTTP/1.1 101\r\n",
        "HTTP/1.1 101 a\nb",
        "HTTP/1.1 101 \rx",
        "HTTP/1.1 101 a\u0007",
        "HTTP/1.1 101 a\r\n x",
        "HTTP/1.1 101 a\r\nX : 1"
      })
  void whatIsNoResponseOfHttp11Is502(String text) {
    assertFailed(502, text);
  }

  @Test
  void limitsHoldForResponsesToo() {
    WebSocketLimits small = WebSocketLimits.DEFAULT.withMaxHandshakeBytes(128).withMaxHeaders(2);
    for (String text :
        List.of("HTTP/1.1 200 " + "x".repeat(200), "HTTP/1.1 200 \r\na:1\r\nb:2\r\nc:3\r\n\r\n")) {
      HttpException failed =
          assertThrows(HttpException.class, () -> HttpWire.response(text, small));
      assertEquals(502, failed.status());
    }
  }
}
