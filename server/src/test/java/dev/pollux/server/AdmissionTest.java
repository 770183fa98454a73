package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import dev.pollux.websocket.HttpException;
import dev.pollux.websocket.HttpFields;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Who may open a WebSocket: by the origin of the page, and by who the client is.
final class AdmissionTest {

  private record Named(String name) implements Principal {
    @Override
    public String getName() {
      return name;
    }
  }

  /// Echoes, with the name of the client in front.
  private static final WebSocketHandler NAMES =
      new WebSocketHandler() {
        @Override
        public void onMessage(WebSocket ws, Message message) {
          Principal principal = ws.principal();
          String name = principal == null ? "nobody" : principal.getName();
          ws.sendText(name + " " + message.text());
        }
      };

  private static PolluxServer server(UnaryOperator<ServerBuilder> options) throws IOException {
    return options
        .apply(Pollux.server().webSocket("/ws", NAMES).stopGrace(Duration.ofMillis(200)))
        .start();
  }

  private static byte[] handshake(String host, String more) {
    return ("GET /ws HTTP/1.1\r\nHost: "
            + host
            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + more
            + "\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String statusOf(PolluxServer server, byte[] request) throws IOException {
    try (var client = new RawClient(server.address(), 0)) {
      client.write(request);
      return client.readHead().substring(9, 12);
    }
  }

  // Origin

  @ParameterizedTest
  @CsvSource({
    "localhost:8080, http://localhost:8080, 101",
    "localhost:8080, HTTP://LocalHost:8080, 101",
    "example.com, http://example.com, 101",
    "example.com:80, http://example.com, 101",
    "example.com, http://example.com:80, 101",
    "[::1]:9000, http://[::1]:9000, 101",
    "localhost:8080, http://localhost:8081, 403",
    "localhost:8080, http://localhost, 403",
    "localhost:8080, https://localhost:8080, 403",
    "example.com, https://example.com, 403",
    "example.com, http://evil.example.com, 403",
    "example.com, http://example.com.evil.test, 403",
    "example.com, http://example.com@evil.test, 403",
    "example.com, null, 403",
    "example.com, example.com, 403",
    "example.com, http://example.com/, 403",
    "example.com, file://, 403",
  })
  void byDefaultPagesOfTheSameOriginOnly(String host, String origin, String status)
      throws IOException {
    try (PolluxServer server = server(it -> it)) {
      assertEquals(status, statusOf(server, handshake(host, "Origin: " + origin + "\r\n")));
    }
  }

  @Test
  void aRequestWithoutAnOriginIsFromNoBrowser() throws IOException {
    try (PolluxServer server = server(it -> it)) {
      assertEquals("101", statusOf(server, handshake("example.com", "")));
    }
  }

  @Test
  void aProxyThatSpeaksTlsSaysSo() throws IOException {
    try (PolluxServer server = server(it -> it)) {
      String https = "Origin: https://example.com\r\nX-Forwarded-Proto: https\r\n";
      assertEquals("101", statusOf(server, handshake("example.com", https)));
      String http = "Origin: http://example.com\r\nX-Forwarded-Proto: https\r\n";
      assertEquals("403", statusOf(server, handshake("example.com", http)));
    }
  }

  @Test
  void severalOriginsAreMalformed() throws IOException {
    try (PolluxServer server = server(it -> it)) {
      String two = "Origin: http://example.com\r\nOrigin: http://example.com\r\n";
      assertEquals("400", statusOf(server, handshake("example.com", two)));
    }
  }

  @Test
  void otherOriginsCanBeAllowed() throws IOException {
    try (PolluxServer server =
        server(it -> it.allowOrigins("https://App.example.com:443", "http://localhost:3000"))) {
      for (String allowed :
          new String[] {"https://app.example.com", "http://localhost:3000", "http://own:1"}) {
        assertEquals("101", statusOf(server, handshake("own:1", "Origin: " + allowed + "\r\n")));
      }
      for (String not : new String[] {"http://app.example.com", "http://localhost", "null"}) {
        assertEquals("403", statusOf(server, handshake("own:1", "Origin: " + not + "\r\n")));
      }
    }
    try (PolluxServer server = server(it -> it.allowOrigins("*"))) {
      assertEquals("101", statusOf(server, handshake("own", "Origin: http://any.test\r\n")));
      assertEquals("101", statusOf(server, handshake("own", "Origin: null\r\n")));
    }
    try (PolluxServer server = server(it -> it.allowOrigins("null"))) {
      assertEquals("101", statusOf(server, handshake("own", "Origin: null\r\n")));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"example.com", "https://", "https://a/b", "https://a b", "://a", ""})
  void whatIsNoOriginIsRefusedWhenItIsNamed(String origin) {
    var builder = Pollux.server();
    var refused = assertThrows(IllegalArgumentException.class, () -> builder.allowOrigins(origin));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("'" + origin + "'"), refused::toString);
  }

  // Who it is

  private static Principal byToken(UpgradeRequest request) throws HttpException {
    String token = request.header("Authorization");
    if (token == null) {
      HttpFields how = HttpFields.NONE.with("WWW-Authenticate", "Bearer");
      throw new HttpException(401, "say who you are", how);
    }
    return new Named(token);
  }

  @Test
  void anAuthenticatorAttachesAPrincipalOrRefuses() throws IOException {
    try (PolluxServer server = server(it -> it.authenticate(AdmissionTest::byToken))) {
      try (var client = new RawClient(server.address(), 0)) {
        client.write(handshake("h", "Authorization: ann\r\n"));
        assertTrue(client.readHead().startsWith("HTTP/1.1 101 "));
        client.sendText("hello");
        assertEquals("text ann hello", client.read());
      }
      try (var client = new RawClient(server.address(), 0)) {
        client.write(handshake("h", ""));
        String answer = client.readAll();
        assertTrue(answer.startsWith("HTTP/1.1 401 Unauthorized\r\n"), answer);
        assertTrue(answer.contains("WWW-Authenticate: Bearer\r\n"), answer);
        assertTrue(answer.endsWith("say who you are\n"), answer);
      }
    }
  }

  @Test
  void theOriginIsJudgedBeforeAnybodyIsAsked() throws IOException {
    var asked = new ConcurrentLinkedQueue<String>();
    try (PolluxServer server =
        server(it ->
            it.authenticate(request -> {
              asked.add(request.path());
              return null;
            }))) {
      assertEquals("403", statusOf(server, handshake("h", "Origin: http://evil.test\r\n")));
      assertEquals(0, asked.size());
      assertEquals("101", statusOf(server, handshake("h", "")));
      assertEquals(1, asked.size());
    }
  }

  @Test
  void aFactorySeesThePrincipal() throws IOException {
    var seen = new CompletableFuture<String>();
    try (PolluxServer server =
        server(it ->
            it.authenticate(AdmissionTest::byToken)
                .webSocket(
                    "/other",
                    request -> {
                      seen.complete(String.valueOf(request.principal()));
                      return NAMES;
                    }))) {
      byte[] request = handshake("h", "Authorization: bob\r\n");
      String other = new String(request, StandardCharsets.ISO_8859_1).replace("/ws", "/other");
      assertEquals("101", statusOf(server, other.getBytes(StandardCharsets.ISO_8859_1)));
      assertEquals("Named[name=bob]", seen.join());
    }
  }

  @ParameterizedTest
  @EnumSource(IoModel.class)
  void whileItIsFoundOutWhoItIsTheClientWaits(IoModel model) throws IOException {
    var stages = new ConcurrentLinkedQueue<CompletableFuture<Principal>>();
    try (PolluxServer server =
        server(it ->
            it.io(model)
                .loops(1)
                .authenticateAsync(request -> {
                  var stage = new CompletableFuture<Principal>();
                  stages.add(stage);
                  return stage;
                }))) {
      try (var waits = new RawClient(server.address(), 0);
          var refused = new RawClient(server.address(), 0)) {
        // A frame right behind the handshake, and another one while it waits.
        waits.write(join(handshake("h", ""), RawClient.text("at once")));
        Await.until("the question", () -> stages.size() == 1);
        waits.write(RawClient.text("later"));
        refused.write(handshake("h", ""));
        Await.until("the second question", () -> stages.size() == 2);
        assertEquals(0, server.statistics().sessions().open());
        stages.remove().complete(new Named("ann"));
        assertTrue(waits.readHead().startsWith("HTTP/1.1 101 "));
        assertEquals("text ann at once", waits.read());
        assertEquals("text ann later", waits.read());
        stages.remove().completeExceptionally(new HttpException(403, "not you"));
        String answer = refused.readAll();
        assertTrue(answer.startsWith("HTTP/1.1 403 "), answer);
        assertTrue(answer.endsWith("not you\n"), answer);
      }
    }
  }

  @Test
  void anAnswerThatTakesTooLongIs503AndNoHarmIsDoneByItLater() throws IOException {
    var stage = new CompletableFuture<Principal>();
    try (PolluxServer server =
        server(
            it -> it.handshakeTimeout(Duration.ofMillis(50)).authenticateAsync(request -> stage))) {
      try (var client = new RawClient(server.address(), 0)) {
        client.write(handshake("h", ""));
        String answer = client.readAll();
        assertTrue(answer.startsWith("HTTP/1.1 503 "), answer);
        assertEquals(1, server.statistics().handshakeTimeouts());
      }
      stage.complete(new Named("late"));
      Await.until("gone", () -> server.statistics().engine().connections() == 0);
      assertEquals(0, server.statistics().sessions().opened());
    }
  }

  @Test
  void anAuthenticatorThatFailsIs500WithoutItsText() throws IOException {
    for (UnaryOperator<ServerBuilder> failing :
        java.util.List.<UnaryOperator<ServerBuilder>>of(
            it ->
                it.authenticate(request -> {
                  throw new IllegalStateException("a secret");
                }),
            it ->
                it.authenticateAsync(request ->
                    CompletableFuture.failedFuture(new IllegalStateException("a secret"))))) {
      try (PolluxServer server = server(failing);
          var client = new RawClient(server.address(), 0)) {
        client.write(handshake("h", ""));
        String answer = client.readAll();
        assertTrue(answer.startsWith("HTTP/1.1 500 "), answer);
        assertFalse(answer.contains("secret"), answer);
      }
    }
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
