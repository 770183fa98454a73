package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// RFC 6455 §1.3, §4.2, §9.1, §11.3.
class UpgradeRequestTest {
  private static final String GOOD =
      """
      GET /chat HTTP/1.1
      Host: server.example.com
      Upgrade: websocket
      Connection: Upgrade
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
      Origin: http://example.com
      Sec-WebSocket-Protocol: chat, superchat
      Sec-WebSocket-Version: 13

      """
          .replace("\n", "\r\n");

  private static ServerHandshake accept(String text, String... subprotocols) throws HttpException {
    return ServerHandshake.accept(HttpWire.request(text), List.of(subprotocols));
  }

  private static HttpException assertRefused(int status, String text) {
    HttpException refused = assertThrows(HttpException.class, () -> accept(text), text);
    assertEquals(status, refused.status(), refused.reason());
    return refused;
  }

  private static String with(String line) {
    return GOOD.substring(0, GOOD.length() - 2) + line + "\r\n\r\n";
  }

  @Test
  void theExampleOfTheRfcIsAnswered() throws Exception {
    assertEquals(
        """
        HTTP/1.1 101 Switching Protocols
        Upgrade: websocket
        Connection: Upgrade
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
        Sec-WebSocket-Protocol: chat

        """
            .replace("\n", "\r\n"),
        new String(accept(GOOD, "chat").response().bytes(), StandardCharsets.ISO_8859_1));
  }

  @Test
  void aSubprotocolIsChosenThatBothSpeakAndTheServerPrefers() throws Exception {
    assertEquals("superchat", accept(GOOD, "other", "superchat", "chat").subprotocol());
    assertEquals("late", accept(with("Sec-WebSocket-Protocol: late"), "late").subprotocol());
    assertNull(accept(GOOD, "other", "CHAT").subprotocol());
    assertFalse(
        accept(GOOD).response().fields().lines().toString().contains("Sec-WebSocket-Protocol"));
  }

  @Test
  void malformedSubprotocolsAreRefused() {
    assertRefused(400, GOOD.replace("chat, superchat", "a b"));
    assertRefused(400, GOOD.replace("chat, superchat", "a, a"));
    assertRefused(400, with("Sec-WebSocket-Protocol: chat"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"WebSocket", "WEBSOCKET", "h2c, websocket", ", websocket ,"})
  void upgradeIsAListWithoutCase(String value) throws Exception {
    assertEquals("/chat", accept(GOOD.replace(": websocket", ": " + value)).request().path());
  }

  @ParameterizedTest
  @ValueSource(strings = {"keep-alive, Upgrade", "upgrade", "UPGRADE,close", "a ,\tupgrade"})
  void connectionIsAListWithoutCase(String value) throws Exception {
    assertEquals("/chat", accept(GOOD.replace(": Upgrade", ": " + value)).request().path());
  }

  @Test
  void aRequestThatDoesNotAskForAWebSocketIs426() throws Exception {
    HttpException refused = assertRefused(426, GOOD.replace("Upgrade: websocket\r\n", ""));
    assertEquals("websocket", refused.fields().first("Upgrade"));
    assertRefused(426, GOOD.replace("Upgrade: websocket", "Upgrade: websockets"));
    assertRefused(426, GOOD.replace("Upgrade: websocket", "Upgrade: web socket"));
    assertTrue(ServerHandshake.isUpgrade(HttpWire.request(GOOD)));
    assertFalse(ServerHandshake.isUpgrade(HttpWire.request("GET / HTTP/1.1\r\nHost: h\r\n\r\n")));
  }

  @Test
  void connectionMustNameUpgrade() {
    assertRefused(400, GOOD.replace("Connection: Upgrade", "Connection: keep-alive"));
    assertRefused(400, GOOD.replace("Connection: Upgrade\r\n", ""));
    assertRefused(400, GOOD.replace("Connection: Upgrade", "Connection: Upgraded"));
  }

  @Test
  void onlyGetBeginsAWebSocket() {
    for (String method : List.of("POST", "HEAD", "get", "OPTIONS")) {
      HttpException refused = assertRefused(405, GOOD.replace("GET", method));
      assertEquals("GET", refused.fields().first("Allow"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"12", "8", "14", "013", "13, 8", "", "1 3", "x"})
  void anotherVersionIs426WithTheOneThatIsSpoken(String version) {
    HttpException refused = assertRefused(426, GOOD.replace("Version: 13", "Version: " + version));
    assertEquals("13", refused.fields().first("Sec-WebSocket-Version"));
  }

  @Test
  void theVersionIsThereOnce() {
    assertRefused(426, GOOD.replace("Sec-WebSocket-Version: 13\r\n", ""));
    assertRefused(400, with("Sec-WebSocket-Version: 13"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZ===",
        "dGhlIHNhbXBsZSBub25jZQ== =",
        "dGhlIHNhbXBsZSBub25jZQAA",
        "dGhlIHNhbXBsZSBub25j",
        "dGhl-HNhbXBsZSBub25jZQ==",
        "AAAAdGhlIHNhbXBsZSBub25jZQ=="
      })
  void theKeyIsBase64Of16Bytes(String key) {
    assertRefused(400, GOOD.replace("dGhlIHNhbXBsZSBub25jZQ==", key));
  }

  @Test
  void theKeyIsThereOnce() {
    assertRefused(400, with("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
    assertRefused(400, GOOD.replace("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""));
  }

  @Test
  void aBodyIsRefused() throws Exception {
    assertRefused(400, with("Content-Length: 1"));
    assertRefused(400, with("Transfer-Encoding: chunked"));
    assertEquals("/chat", accept(with("Content-Length: 0")).request().path());
  }

  @Test
  void extensionsAreReadAndNoneIsAccepted() throws Exception {
    ServerHandshake handshake =
        accept(
            with(
                "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits,"
                    + " x;a=1;b=\"2\"\r\n"
                    + "Sec-WebSocket-Extensions: y ; c = 3"));
    assertEquals(
        List.of(
            new Extension(
                "permessage-deflate",
                List.of(new Extension.Parameter("client_max_window_bits", null))),
            new Extension(
                "x", List.of(new Extension.Parameter("a", "1"), new Extension.Parameter("b", "2"))),
            new Extension("y", List.of(new Extension.Parameter("c", "3")))),
        handshake.offeredExtensions());
    assertNull(handshake.response().fields().first("Sec-WebSocket-Extensions"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a b", "a;", ";a", "a;b=", "a;=b", "a;b=\"\"", "a;b=\"c d\"", "a;b=\"c", "a=b"})
  void malformedExtensionsAreRefused(String value) {
    assertRefused(400, with("Sec-WebSocket-Extensions: " + value));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 99, 600, 999})
  void aStatusThatIsNoneIsRefusedWhereItIsNamed(int status) {
    var e = assertThrows(IllegalArgumentException.class, () -> new HttpException(status, "why"));
    assertEquals("status is " + status + ", must be between 100 and 599", e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 101, 200, 204, 299, 304})
  void aStatusThatRefusesNothingIsNoRefusal(int status) {
    HttpException kept = new HttpException(status, "why");
    assertThrows(IllegalArgumentException.class, () -> HttpResponse.refusal(kept));
  }

  @ParameterizedTest
  @ValueSource(ints = {300, 302, 308, 400, 418, 599})
  void everyOtherStatusIs(int status) {
    assertEquals(status, HttpResponse.refusal(new HttpException(status, "why")).status());
  }

  @Test
  void aRefusalSaysWhyAndCloses() {
    HttpException refused = assertRefused(426, GOOD.replace(": 13", ": 8"));
    String text = new String(HttpResponse.refusal(refused).bytes(), StandardCharsets.ISO_8859_1);
    assertEquals(
        """
        HTTP/1.1 426 Upgrade Required
        Content-Type: text/plain; charset=utf-8
        Content-Length: 33
        Connection: close
        Upgrade: websocket
        Sec-WebSocket-Version: 13

        Sec-WebSocket-Version must be 13
        """
            .replace("\n", "\r\n")
            .replace("13\r\n\r\nSec", "13\r\n\r\nSec")
            .replace("be 13\r\n", "be 13\n"),
        text);
  }

  @Test
  void aPageIsWritten() {
    HttpResponse page = HttpResponse.of(200, "text/html", new byte[] {'h', 'i'});
    byte[] bytes = new byte[100];
    int written = page.write(MemorySegment.ofArray(bytes), 1);
    assertEquals(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n"
            + "Connection: close\r\n\r\nhi",
        new String(bytes, 1, written, StandardCharsets.ISO_8859_1));
    byte[] head = page.head();
    assertArrayEquals(java.util.Arrays.copyOfRange(bytes, 1, written - 1), head);
  }

  @Test
  void aHeaderCannotSmuggleALine() {
    HttpResponse page = HttpResponse.text(200, "hi");
    assertThrows(IllegalArgumentException.class, () -> page.with("X", "a\r\nY: b"));
    assertThrows(IllegalArgumentException.class, () -> page.with("X Y", "a"));
    assertThrows(IllegalArgumentException.class, () -> page.with("", "a"));
    assertThrows(IllegalArgumentException.class, () -> page.with("X", "\u0100"));
  }
}
