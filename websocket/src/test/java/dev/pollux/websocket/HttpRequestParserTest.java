package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// RFC 9112 §2-§6, RFC 9110 §5.
class HttpRequestParserTest {
  private static final String HOST = "Host: example.com\r\n";

  private static void assertRefused(int status, String text) {
    assertRefused(status, text, WebSocketLimits.DEFAULT);
  }

  private static void assertRefused(int status, String text, WebSocketLimits limits) {
    HttpException refused =
        assertThrows(HttpException.class, () -> HttpWire.request(text, limits), text);
    assertEquals(status, refused.status(), refused.reason());
    assertFalse(refused.reason().isEmpty());
  }

  @Test
  void aRequestIsRead() throws Exception {
    HttpRequest request =
        HttpWire.request(
            """
            GET /chat/room%20one?a=1&b=?2 HTTP/1.1
            Host: Example.com:8080
            x-twice: 1
            Empty:
            X-Twice: \t two \t words \t
            Bytes: \u00e9

            """
                .replace("\n", "\r\n"));
    assertEquals("GET", request.method());
    assertEquals("/chat/room%20one?a=1&b=?2", request.target());
    assertEquals("/chat/room%20one", request.path());
    assertEquals("a=1&b=?2", request.query());
    assertEquals("Example.com:8080", request.header("HOST"));
    assertEquals("Example.com:8080", request.authority());
    assertEquals("1", request.header("X-Twice"));
    assertEquals(List.of("1", "two \t words"), request.headers("x-TWICE"));
    assertEquals("", request.header("empty"));
    assertEquals("\u00e9", request.header("bytes"));
    assertNull(request.header("missing"));
    assertEquals(List.of(), request.headers("missing"));
    assertFalse(request.hasBody());
  }

  @Test
  void whatIsBehindTheHeadIsNotTouched() throws Exception {
    byte[] input = ("GET / HTTP/1.1\r\n" + HOST + "\r\nrest").getBytes(StandardCharsets.ISO_8859_1);
    HttpRequestParser parser = new HttpRequestParser(WebSocketLimits.DEFAULT);
    assertTrue(parser.isUntouched());
    MemorySegment buffer = MemorySegment.ofArray(input);
    assertEquals(10, parser.parse(buffer, 0, 10));
    assertFalse(parser.isUntouched());
    assertNull(parser.request());
    assertEquals(input.length - 14, parser.parse(buffer, 10, input.length - 10));
    assertEquals(0, parser.parse(buffer, input.length - 4, 4));
    assertEquals("/", Objects.requireNonNull(parser.request()).target());
  }

  @Test
  void oneEmptyLineBeforeTheRequestIsIgnored() throws Exception {
    assertEquals("/", HttpWire.request("\r\nGET / HTTP/1.1\r\n" + HOST + "\r\n").path());
    assertRefused(400, "\r\n\r\nGET / HTTP/1.1\r\n");
    assertRefused(400, "\nGET / HTTP/1.1\r\n");
    assertRefused(400, "\rGET");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " ",
        "GET\t",
        "GE(",
        "GET\r",
        "\u0000",
        "\u0016",
        "{",
        "GET  ",
        "GET /a\t",
        "GET /a\r",
        "GET /\u00e9",
        "GET /\u007f",
        "GET /a#",
        "GET /<",
        "GET /\"",
        "GET /\\",
        "GET x ",
        "GET * ",
        "GET /%zz ",
        "GET /%2 ",
        "GET ftp://h/ ",
        "GET http:///x ",
        "GET http://u@h/ ",
        "GET http://h:x/ ",
        "GET http://h:70000/ ",
        "CONNECT / ",
        "CONNECT h ",
        "GET / HTTP/1.1 ",
        "GET / HTTP/1.1\n",
        "GET / h",
        "GET / HTTP/1,",
        "GET / HTTP/11",
        "GET / HTTP/a",
        "GET /  ",
        "GET / \r",
        "GET / HTTP/1.1\rX",
        "GET / F"
      })
  void aBadRequestLineIsRefusedAtTheFirstByteThatCannotBe(String text) {
    assertRefused(400, text);
    // And not sooner.
    String shorter = text.substring(0, text.length() - 1);
    if (!shorter.isEmpty()) {
      NullPointerException incomplete =
          assertThrows(NullPointerException.class, () -> HttpWire.request(shorter), shorter);
      assertEquals("incomplete", incomplete.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0", "0.9", "1.2", "2.0", "3.0"})
  void anotherVersionIs505(String version) {
    assertRefused(505, "GET / HTTP/" + version + "\r\n" + HOST + "\r\n");
  }

  @Test
  void aMethodLongerThanAnyIs501() {
    assertRefused(501, "A".repeat(33));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " folded",
        "\tfolded",
        "X: 1\r\n folded",
        "X : 1",
        "X\t:",
        "X\r\n",
        ":",
        "X\u0000",
        "X\u00e9",
        "(x):",
        "X: \u0000",
        "X: a\nb",
        "X: a\u0007",
        "X: \u007f",
        "X: a\rb",
        "X: 1\r\n\rX",
        "X",
        "\n",
        "X: 1\n"
      })
  void aBadHeaderLineIsRefused(String text) {
    assertRefused(400, "GET / HTTP/1.1\r\n" + HOST + text + "\r\n\r\n");
  }

  @Test
  void theFormsOfATarget() throws Exception {
    HttpRequest absolute =
        HttpWire.request("GET HTTP://other.org:81/a?b HTTP/1.1\r\n" + HOST + "\r\n");
    assertEquals("/a", absolute.path());
    assertEquals("b", absolute.query());
    assertEquals("other.org:81", absolute.authority());
    HttpRequest bare = HttpWire.request("GET https://[::1]?q HTTP/1.1\r\n" + HOST + "\r\n");
    assertEquals("/", bare.path());
    assertEquals("q", bare.query());
    assertEquals("[::1]", bare.authority());
    assertEquals("*", HttpWire.request("OPTIONS * HTTP/1.1\r\n" + HOST + "\r\n").path());
    assertEquals("CONNECT", HttpWire.request("CONNECT h:1 HTTP/1.1\r\n" + HOST + "\r\n").method());
    HttpRequest empty = HttpWire.request("GET /? HTTP/1.1\r\n" + HOST + "\r\n");
    assertEquals("", empty.query());
    assertNull(HttpWire.request("GET //a HTTP/1.1\r\n" + HOST + "\r\n").query());
  }

  @Test
  void thereIsExactlyOneHost() throws Exception {
    assertRefused(400, "GET / HTTP/1.1\r\n\r\n");
    assertRefused(400, "GET / HTTP/1.1\r\nX: 1\r\n\r\n");
    assertRefused(400, "GET / HTTP/1.1\r\n" + HOST + HOST + "\r\n");
    for (String bad :
        List.of("", "a b", "u@h", "h/p", "h:80:80", "h:x", "[::1", "::1", "[]", ":80", "h%")) {
      assertRefused(400, "GET / HTTP/1.1\r\nHost: " + bad + "\r\n\r\n");
    }
    for (String good : List.of("h", "127.0.0.1:8080", "[::1]", "[::1]:80", "a-b.c_d", "h:")) {
      assertEquals(
          good, HttpWire.request("GET / HTTP/1.1\r\nHost: " + good + "\r\n\r\n").authority());
    }
  }

  @Test
  void aBodyIsFramedInOneWayOnly() throws Exception {
    String start = "POST / HTTP/1.1\r\n" + HOST;
    assertTrue(HttpWire.request(start + "Content-Length: 5\r\n\r\n").hasBody());
    assertFalse(HttpWire.request(start + "Content-Length: 0\r\n\r\n").hasBody());
    assertTrue(HttpWire.request(start + "Transfer-Encoding: Chunked\r\n\r\n").hasBody());
    assertRefused(400, start + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n");
    assertRefused(400, start + "Transfer-Encoding: chunked\r\ncontent-length: 0\r\n\r\n");
    for (String bad : List.of("", "-1", "+1", "1 2", "1,1", "0x1", "1e3", "9".repeat(30))) {
      assertRefused(400, start + "Content-Length: " + bad + "\r\n\r\n");
    }
    assertRefused(400, start + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n");
    assertRefused(400, start + "Transfer-Encoding: chunked, gzip\r\n\r\n");
    assertRefused(400, start + "Transfer-Encoding: identity\r\n\r\n");
    assertRefused(400, start + "Transfer-Encoding: xchunked\r\n\r\n");
    assertRefused(501, start + "Transfer-Encoding: gzip, chunked\r\n\r\n");
    assertRefused(501, start + "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n");
  }

  @Test
  void limitsHaveTheirStatus() throws Exception {
    WebSocketLimits small = WebSocketLimits.DEFAULT.withMaxHandshakeBytes(200).withMaxHeaders(3);
    String start = "GET / HTTP/1.1\r\n" + HOST;
    assertRefused(414, "GET /" + "a".repeat(195), small);
    assertRefused(431, start + "X: " + "a".repeat(200), small);
    assertRefused(431, start + "X".repeat(200), small);
    assertRefused(431, start + "A: 1\r\nB: 2\r\nC", small);
    String three = start + "A: 1\r\nB: 2\r\n\r\n";
    assertEquals("2", HttpWire.request(three, small).header("b"));
    String longest = start + "X: " + "a".repeat(200 - start.length() - 7) + "\r\n\r\n";
    assertEquals(200, longest.length());
    assertEquals("/", HttpWire.request(longest, small).path());
    String longer = start + "X: " + "a".repeat(200 - start.length() - 6) + "\r\n\r\n";
    assertRefused(431, longer, small);
  }

  @Test
  void aParserThatRefusedIsNoLongerOfUse() {
    HttpRequestParser parser = new HttpRequestParser(WebSocketLimits.DEFAULT);
    MemorySegment bad = MemorySegment.ofArray(new byte[] {0});
    assertThrows(HttpException.class, () -> parser.parse(bad, 0, 1));
    assertThrows(IllegalStateException.class, () -> parser.parse(bad, 0, 1));
  }
}
