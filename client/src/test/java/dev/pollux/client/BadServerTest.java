package dev.pollux.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.session.WebSocket;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Servers that do not keep to RFC 6455 §4.2.2, or are slow, or no servers of WebSockets at all.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("NullAway.Init") // the method before each test sets the fields
final class BadServerTest {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final String GOOD =
      """
      HTTP/1.1 101 Switching Protocols
      Upgrade: websocket
      Connection: Upgrade
      Sec-WebSocket-Accept: ACCEPT

      """
          .replace("\n", "\r\n");

  private OwnResources before;
  private ServerSocket listener;
  private PolluxClient client;

  @BeforeEach
  void start() throws IOException {
    before = OwnResources.now();
    listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    client =
        PolluxClient.builder()
            .io(IoModel.EPOLL)
            .handshakeTimeout(Duration.ofSeconds(20))
            .closeTimeout(Duration.ofMillis(200))
            .start();
  }

  @AfterEach
  void stopAndLeaveNothingBehind() throws IOException {
    client.close();
    listener.close();
    Await.untilEmpty("threads and descriptors left behind", before::moreNow);
  }

  private ClientRequest request() {
    return ClientRequest.to("ws://127.0.0.1:" + listener.getLocalPort() + "/");
  }

  /// Connects, and answers the one request with `answer`, in which ACCEPT stands for the right
  /// value; then keeps the connection until the client ends it, if it is to be kept.
  private String answered(ClientRequest request, String answer, boolean keep) throws Exception {
    Recorder recorder = new Recorder();
    CompletableFuture<WebSocket> outcome = client.connect(request, recorder);
    try (Socket socket = listener.accept()) {
      String key = keyOf(socket);
      write(socket, answer.replace("ACCEPT", acceptOf(key)));
      if (keep && !outcome.isDone()) {
        outcome.handle((ws, failure) -> true).get(120, TimeUnit.SECONDS);
      }
    }
    ExecutionException e =
        assertThrows(ExecutionException.class, () -> outcome.get(120, TimeUnit.SECONDS));
    assertEquals(0, recorder.events.size(), "the handler hears nothing");
    HandshakeException failure = assertInstanceOf(HandshakeException.class, e.getCause());
    String message = String.valueOf(failure.getMessage());
    String prefix = request.uri() + ": ";
    assertTrue(message.startsWith(prefix), message);
    return failure.status() + " " + message.substring(prefix.length());
  }

  private String answered(UnaryOperator<String> change) throws Exception {
    return answered(request(), change.apply(GOOD), true);
  }

  private static String keyOf(Socket socket) throws IOException {
    var reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
    String key = "";
    for (String line = reader.readLine();
        line != null && !line.isEmpty();
        line = reader.readLine()) {
      if (line.startsWith("Sec-WebSocket-Key: ")) {
        key = line.substring("Sec-WebSocket-Key: ".length());
      }
    }
    return key;
  }

  private static String acceptOf(String key) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(ISO_8859_1));
    return Base64.getEncoder().encodeToString(digest);
  }

  private static void write(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    try {
      out.write(text.getBytes(ISO_8859_1));
      out.flush();
    } catch (IOException e) {
      // The client had enough of it before it was all out.
    }
  }

  private static void readAll(Socket socket) throws IOException {
    while (socket.getInputStream().read() >= 0) {
      // The request.
    }
  }

  @Test
  void theRightAnswerIsTaken() throws Exception {
    Recorder recorder = new Recorder();
    CompletableFuture<WebSocket> outcome = client.connect(request(), recorder);
    try (Socket socket = listener.accept()) {
      // Frames right behind the answer are not lost.
      write(socket, GOOD.replace("ACCEPT", acceptOf(keyOf(socket))) + "\u0081\u0002hi");
      outcome.get(120, TimeUnit.SECONDS);
      assertEquals("open /?null null", recorder.next());
      assertEquals("text hi", recorder.next());
    }
    assertEquals("close 1006", recorder.next());
  }

  @Test
  void aWrongAcceptFailsTheConnection() throws Exception {
    assertEquals(
        "502 Sec-WebSocket-Accept is not the answer to the key",
        answered(answer -> answer.replace("ACCEPT", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")));
  }

  @Test
  void aMissingUpgradeOrConnectionFailsTheConnection() throws Exception {
    assertEquals(
        "502 Upgrade is not websocket",
        answered(answer -> answer.replace("Upgrade: websocket", "Upgrade: h2c")));
    assertEquals(
        "502 Connection does not name Upgrade",
        answered(answer -> answer.replace("Connection: Upgrade", "Connection: close")));
  }

  @Test
  void anExtensionOrSubprotocolThatWasNotAskedForFailsTheConnection() throws Exception {
    assertEquals(
        "502 the server uses an extension that was not asked for",
        answered(answer -> answer.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: x\r\n\r\n")));
    assertEquals(
        "502 the server chose a subprotocol that was not asked for",
        answered(
            request().withSubprotocols("chat"),
            GOOD.replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: other\r\n\r\n"),
            true));
  }

  /// RFC 7692 §7.1: an answer that does not fit the offer fails the connection.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          permessage-deflate | the server did not agree to server_no_context_takeover
          permessage-deflate; server_no_context_takeover, x | the server uses an extension that was not asked for
          permessage-deflate; x | the server's answer is no permessage-deflate: permessage-deflate; x
          permessage-deflate; server_max_window_bits=7 | the server's answer is no permessage-deflate: permessage-deflate; server_max_window_bits=7
          ; | Sec-WebSocket-Extensions is malformed at ""
          """)
  void anAnswerThatDoesNotFitTheOfferFailsTheConnection(String extensions, String sentence)
      throws Exception {
    String field = "\r\nSec-WebSocket-Extensions: " + extensions + "\r\n\r\n";
    assertEquals("502 " + sentence, answered(answer -> answer.replace("\r\n\r\n", field)));
  }

  @Test
  void anotherStatusIsToldWithTheServersWords() throws Exception {
    assertEquals(
        "302 the server answered 302 Found instead of 101",
        answered(answer -> "HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n"));
    assertEquals(
        "503 the server answered 503 Busy instead of 101: come ?[1m later",
        answered(answer ->
            "HTTP/1.1 503 Busy\r\nContent-Type: text/plain\r\n\r\ncome \u001b[1m later\nx"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"SSH-2.0-OpenSSH\r\n", "HTTP/1.0 101 Old\r\n\r\n", "\u0016\u0003\u0001"})
  void whatIsNoHttpIsTold(String answer) throws Exception {
    String failure = answered(good -> answer);
    assertTrue(failure.startsWith("502 the status line has the byte "), failure);
  }

  @Test
  void aHeadWithoutEndIsCut() throws Exception {
    assertEquals(
        "502 the response head has more than 16384 bytes",
        answered(answer -> answer.replace("\r\n\r\n", "\r\nX: " + "y".repeat(100_000))));
  }

  @Test
  void anEarlyEndIsTold() throws Exception {
    assertEquals(
        "0 the server closed the connection before its answer was complete",
        answered(request(), "HTTP/1.1 101 Swit", false));
  }

  @Test
  void aSilentServerIsGivenUp() throws Exception {
    try (PolluxClient hasty =
        PolluxClient.builder().handshakeTimeout(Duration.ofMillis(100)).start()) {
      CompletableFuture<WebSocket> outcome = hasty.connect(request(), new Recorder());
      try (Socket socket = listener.accept()) {
        ExecutionException e =
            assertThrows(ExecutionException.class, () -> outcome.get(120, TimeUnit.SECONDS));
        assertEquals(
            request() + ": no answer within 100 ms",
            assertInstanceOf(HandshakeException.class, e.getCause()).getMessage());
        // It was reset, and not forgotten.
        assertThrows(IOException.class, () -> readAll(socket));
      }
    }
  }

  @Test
  void whoIsCancelledWaitsForNoAnswer() throws Exception {
    CompletableFuture<WebSocket> outcome = client.connect(request(), new Recorder());
    try (Socket socket = listener.accept()) {
      keyOf(socket);
      assertTrue(outcome.cancel(false));
      assertThrows(IOException.class, () -> readAll(socket));
    }
    Await.until("no connection", () -> client.statistics().engine().connections() == 0);
  }

  @Test
  void aServerThatNeverAnswersTheCloseIsCutOff() throws Exception {
    Recorder recorder = new Recorder();
    CompletableFuture<WebSocket> outcome = client.connect(request(), recorder);
    try (Socket socket = listener.accept()) {
      write(socket, GOOD.replace("ACCEPT", acceptOf(keyOf(socket))));
      outcome.get(120, TimeUnit.SECONDS).close(1000, "");
      recorder.next();
      assertEquals("close 1006", recorder.next());
      assertEquals(1, client.statistics().sessions().closeTimeouts());
    }
  }

  @Test
  void aMaskedFrameFromTheServerIsAViolation() throws Exception {
    Recorder recorder = new Recorder();
    CompletableFuture<WebSocket> outcome = client.connect(request(), recorder);
    try (Socket socket = listener.accept()) {
      // RFC 6455 §5.1: a client closes on a masked frame.
      write(socket, GOOD.replace("ACCEPT", acceptOf(keyOf(socket))) + "\u0081\u0080\1\2\3\4");
      outcome.get(120, TimeUnit.SECONDS);
      recorder.next();
      String end = recorder.next();
      assertTrue(end.startsWith("close 1002"), end);
    }
  }

  @Test
  void whatIsNoRequestIsNamedAtOnce() {
    assertThrows(IllegalArgumentException.class, () -> ClientRequest.to("http://h/"));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> request().withHeader("Upgrade", "x"));
    assertEquals("the header Upgrade is set by the handshake", e.getMessage());
    assertThrows(
        IllegalArgumentException.class, () -> request().withHeader("X", "a\r\nInjected: b"));
    assertThrows(IllegalArgumentException.class, () -> request().withSubprotocols("a b"));
  }
}
