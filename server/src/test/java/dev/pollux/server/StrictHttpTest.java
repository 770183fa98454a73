package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// RFC 9110 and RFC 9112 from the far end of a socket: requests that are right but for one thing,
/// each also byte by byte. (The parser alone is tested in every cut in module `websocket`.)
@SuppressWarnings("NullAway.Init") // the method before all tests sets the field
final class StrictHttpTest {
  private static final String GOOD =
      """
      GET /echo HTTP/1.1
      Host: test
      Upgrade: websocket
      Connection: Upgrade
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
      Sec-WebSocket-Version: 13

      """
          .replace("\n", "\r\n");

  private static PolluxServer server;

  @BeforeAll
  static void start() throws IOException {
    WebSocketHandler echo =
        new WebSocketHandler() {
          @Override
          public void onMessage(WebSocket ws, Message message) {
            ws.send(message);
          }
        };
    server =
        Pollux.server()
            .loops(1)
            .webSocket("/echo", echo)
            .webSocket("/a b/grüße", echo)
            .page("/page", "text/plain", new byte[] {'p'})
            .start();
  }

  @AfterAll
  static void stop() {
    server.stop(Duration.ofMillis(200));
  }

  /// One thing that is wrong.
  ///
  /// @param contains what the head of the answer must have besides its status
  record Wrong(String name, String request, String status, String contains) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static String with(String line) {
    return GOOD.replace("\r\n\r\n", "\r\n" + line + "\r\n\r\n");
  }

  static List<Wrong> wrong() {
    List<Wrong> all = new ArrayList<>();
    String close = "Connection: close\r\n";
    add(all, "no Host", GOOD.replace("Host: test\r\n", ""), "400", close);
    add(all, "two Hosts", with("Host: test"), "400", close);
    add(all, "a malformed Host", GOOD.replace("Host: test", "Host: te st"), "400", close);
    add(all, "a Host with a user", GOOD.replace("Host: test", "Host: a@b"), "400", close);
    add(all, "HTTP/1.0", GOOD.replace("HTTP/1.1", "HTTP/1.0"), "505", close);
    add(all, "HTTP/2.0", GOOD.replace("HTTP/1.1", "HTTP/2.0"), "505", close);
    add(all, "http in small letters", GOOD.replace("HTTP/1.1", "http/1.1"), "400", close);
    add(all, "HTTP/1.1 and a blank", GOOD.replace("HTTP/1.1", "HTTP/1.1 "), "400", close);
    add(all, "no version at all", GOOD.replace(" HTTP/1.1", ""), "400", close);
    add(all, "two blanks", GOOD.replace("GET ", "GET  "), "400", close);
    add(all, "a tab for a blank", GOOD.replace("GET ", "GET\t"), "400", close);
    add(all, "a folded header", with("X: a\r\n b"), "400", close);
    add(all, "white space before the colon", with("X : a"), "400", close);
    add(all, "a header without a name", with(": a"), "400", close);
    add(all, "a header without a colon", with("nonsense"), "400", close);
    add(all, "a NUL in a header", with("X: a\0b"), "400", close);
    add(all, "a bare CR in a header", with("X: a\rb"), "400", close);
    add(all, "a bare CR in the line", GOOD.replace("HTTP/1.1\r\n", "HTTP/1.1\r\r\n"), "400", close);
    add(all, "bare LFs", GOOD.replace("\r\n", "\n"), "400", close);
    add(all, "a path that is not encoded", GOOD.replace("/echo", "/e\u00E9"), "400", close);
    add(all, "a broken percent sign", GOOD.replace("/echo", "/ec%zzho"), "400", close);
    add(all, "a target without a slash", GOOD.replace("/echo", "echo"), "400", close);
    add(all, "a fragment", GOOD.replace("/echo", "/echo#a"), "400", close);
    add(all, "another path", GOOD.replace("/echo", "/ECHO"), "404", close);
    add(all, "an encoded slash", GOOD.replace("/echo", "/%2Fecho"), "404", close);
    add(all, "POST", GOOD.replace("GET", "POST"), "405", "Allow: GET\r\n");
    add(all, "HEAD", GOOD.replace("GET", "HEAD"), "405", "Allow: GET\r\n");
    add(
        all,
        "PUT of a page",
        "PUT /page HTTP/1.1\r\nHost: t\r\n\r\n",
        "405",
        "Allow: GET, HEAD\r\n");
    add(all, "a method of 33 letters", GOOD.replace("GET", "G".repeat(33)), "501", close);
    add(
        all,
        "no Upgrade",
        GOOD.replace("Upgrade: websocket\r\n", ""),
        "426",
        "Upgrade: websocket\r\n");
    add(
        all,
        "another Upgrade",
        GOOD.replace(": websocket", ": h2c"),
        "426",
        "Upgrade: websocket\r\n");
    add(all, "no Connection", GOOD.replace("Connection: Upgrade\r\n", ""), "400", close);
    add(all, "another Connection", GOOD.replace(": Upgrade", ": keep-alive"), "400", close);
    String version = "Sec-WebSocket-Version: 13\r\n";
    add(all, "no version of WebSocket", GOOD.replace(version, ""), "426", version);
    add(all, "version 8", GOOD.replace("Version: 13", "Version: 8"), "426", version);
    add(all, "version 013", GOOD.replace("Version: 13", "Version: 013"), "426", version);
    add(all, "two versions", with("Sec-WebSocket-Version: 13"), "400", close);
    String key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    add(all, "no key", GOOD.replace(key + "\r\n", ""), "400", close);
    add(all, "two keys", with(key), "400", close);
    add(
        all,
        "a key of 15 bytes",
        GOOD.replace("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j"),
        "400",
        close);
    add(all, "a key of 17 bytes", GOOD.replace("ub25jZQ==", "ub25jZWU="), "400", close);
    add(all, "a key that is not base64", GOOD.replace("dGhl", "dG-l"), "400", close);
    add(all, "a body", with("Content-Length: 5").concat("hello"), "400", close);
    add(
        all,
        "a chunked body",
        with("Transfer-Encoding: chunked").concat("0\r\n\r\n"),
        "400",
        close);
    add(all, "both lengths", with("Content-Length: 5\r\nTransfer-Encoding: chunked"), "400", close);
    add(all, "two lengths", with("Content-Length: 5\r\nContent-Length: 5"), "400", close);
    add(all, "a negative length", with("Content-Length: -1"), "400", close);
    add(all, "an unknown coding", with("Transfer-Encoding: gzip, chunked"), "501", close);
    add(all, "a body without an end", with("Transfer-Encoding: gzip"), "400", close);
    add(all, "a malformed subprotocol", with("Sec-WebSocket-Protocol: a b"), "400", close);
    add(all, "a subprotocol twice", with("Sec-WebSocket-Protocol: a, a"), "400", close);
    add(all, "a malformed extension", with("Sec-WebSocket-Extensions: a; b=\"c d\""), "400", close);
    add(
        all,
        "a TLS client hello",
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001",
        "400",
        close);
    add(all, "the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400", close);
    add(all, "101 header lines", with("X: y\r\n".repeat(96) + "X: y"), "431", close);
    add(all, "a head of 16 KiB", with("X: " + "y".repeat(16_384)), "431", close);
    add(all, "a target of 16 KiB", GOOD.replace("/echo", "/" + "y".repeat(16_384)), "414", close);
    return all;
  }

  private static void add(
      List<Wrong> all, String name, String request, String status, String contains) {
    all.add(new Wrong(name, request, status, contains));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void itIsRefusedWithItsStatus(Wrong wrong) throws IOException {
    byte[] request = wrong.request.getBytes(StandardCharsets.ISO_8859_1);
    try (var client = new RawClient(server.address(), 0)) {
      client.write(request);
      assertRefused(wrong, client.readAll());
    }
    if (request.length < 1000) {
      try (var client = new RawClient(server.address(), 0)) {
        for (byte each : request) {
          client.write(new byte[] {each});
        }
        assertRefused(wrong, client.readAll());
      }
    }
  }

  private static void assertRefused(Wrong wrong, String answer) {
    assertTrue(answer.startsWith("HTTP/1.1 " + wrong.status + " "), answer);
    String head = answer.substring(0, answer.indexOf("\r\n\r\n") + 4);
    assertTrue(head.contains(wrong.contains), answer);
    assertTrue(head.contains("Connection: close\r\n"), answer);
    assertEquals(1, answer.split("HTTP/1\\.1 [0-9]", -1).length - 1, answer);
  }

  static List<String> right() {
    return List.of(
        GOOD,
        "\r\n" + GOOD,
        GOOD.replace("/echo", "/echo?a=b&c"),
        GOOD.replace("/echo", "http://other.test/echo?x"),
        GOOD.replace("/echo", "/%65ch%6F"),
        GOOD.replace("/echo", "/a%20b/gr%c3%BC%C3%9fe"),
        GOOD.replace(": websocket", ": h2c, WebSocket"),
        GOOD.replace(": Upgrade", ": keep-alive ,\tupgrade"),
        GOOD.replace("Host: test", "hOST:\ttest:8080  "),
        with("Content-Length: 0"),
        with("X: caf\u00E9"),
        with("X:"),
        with("Sec-WebSocket-Extensions: unknown; a; b=\"c\", , other"));
  }

  @ParameterizedTest
  @MethodSource("right")
  void itIsUpgradedAndServed(String request) throws IOException {
    try (var client = new RawClient(server.address(), 0)) {
      client.write(request.getBytes(StandardCharsets.ISO_8859_1));
      String head = client.readHead();
      assertTrue(head.startsWith("HTTP/1.1 101 "), head);
      assertTrue(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), head);
      client.sendText("there");
      assertEquals("text there", client.read());
    }
  }

  @Test
  void aRefusedBodyIsNeverReadAsFramesOrAsARequest() throws IOException {
    byte[] smuggled = RawClient.text("smuggled");
    try (var client = new RawClient(server.address(), 0)) {
      client.write(with("Content-Length: " + smuggled.length).getBytes(StandardCharsets.US_ASCII));
      client.write(smuggled);
      String answer = client.readAll();
      assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
      assertTrue(!answer.contains("smuggled"), answer);
    }
    try (var client = new RawClient(server.address(), 0)) {
      String get = "GET /page HTTP/1.1\r\nHost: test\r\nContent-Length: 40\r\n\r\n";
      client.write((get + GOOD).getBytes(StandardCharsets.US_ASCII));
      String answer = client.readAll();
      assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
      assertTrue(!answer.contains(" 101 "), answer);
    }
  }
}
