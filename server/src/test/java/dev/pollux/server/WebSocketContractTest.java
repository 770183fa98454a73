package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.session.SendStatus;
import dev.pollux.session.WebSocket;
import dev.pollux.websocket.CompressionOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What every I/O model does alike, seen from the far end of a socket.
@ParameterizedClass
@MethodSource("everyModelAndSomeWithMore")
@SuppressWarnings("NullAway.Init") // JUnit and the method before each test set the fields
final class WebSocketContractTest {
  @Parameter(0)
  IoModel model;

  @Parameter(1)
  boolean tls;

  @Parameter(2)
  boolean compressed;

  private @Nullable SSLContext clientTls;

  private Contract handler;
  private PolluxServer server;
  private OwnResources before;

  /// Each model as it is, and one of each kind with TLS, with compression, and with both.
  static Stream<Arguments> everyModelAndSomeWithMore() {
    return Stream.concat(
        Arrays.stream(IoModel.values()).map(model -> Arguments.of(model, false, false)),
        Stream.of(IoModel.EPOLL, IoModel.BLOCKING, IoModel.IO_URING)
            .flatMap(model ->
                Stream.of(
                    Arguments.of(model, true, false),
                    Arguments.of(model, false, true),
                    Arguments.of(model, true, true))));
  }

  @BeforeEach
  void start() throws IOException {
    before = OwnResources.now();
    handler = new Contract();
    clientTls = tls ? TrialTls.trusting() : null;
    ServerBuilder described = Pollux.server();
    if (tls) {
      described.tls(TrialTls.options());
    }
    if (compressed) {
      described.compression(CompressionOptions.DEFAULT.withThresholdBytes(0));
    }
    server =
        described
            .io(model)
            .loops(model == IoModel.NONBLOCKING ? 1 : 2)
            .webSocket("/echo", handler)
            .engine(options -> options.withLinger(Duration.ofSeconds(1)))
            .start();
  }

  @AfterEach
  void stopAndLeaveNothingBehind() {
    server.stop(Duration.ofSeconds(2));
    Await.untilEmpty("threads and descriptors left behind", before::moreNow);
  }

  private RawClient connect() throws IOException {
    return connect(0);
  }

  private RawClient connect(int receiveBufferBytes) throws IOException {
    return compressed
        ? RawClient.compressing(server.address(), "/echo", receiveBufferBytes, clientTls)
        : new RawClient(server.address(), "/echo", receiveBufferBytes, clientTls);
  }

  private WebSocket lastOpened() {
    Await.until("a WebSocket", () -> handler.last != null);
    return Objects.requireNonNull(handler.last);
  }

  private static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @Test
  void textBinaryAndEmptyMessagesAreEchoedAndPingsAnswered() throws IOException {
    try (RawClient client = connect()) {
      client.sendText("grüße €");
      assertEquals("text grüße €", client.read());
      byte[] binary = random(300, 1);
      client.write(RawClient.frame(0x82, binary));
      assertEquals("binary 300", client.read());
      assertArrayEquals(binary, client.lastPayload());
      client.write(RawClient.frame(0x82, new byte[0]));
      assertEquals("binary 0", client.read());
      client.write(RawClient.frame(0x89, new byte[] {'?'}));
      assertEquals("pong ?", client.read());
    }
  }

  @Test
  void aMessageOfOneMebibyteIsEchoedWholeAndInFragments() throws Exception {
    byte[] message = random(1 << 20, 2);
    var fragments = new ByteArrayOutputStream();
    for (int i = 0; i < 16; i++) {
      byte[] part = Arrays.copyOfRange(message, i << 16, (i + 1) << 16);
      fragments.writeBytes(RawClient.frame((i == 15 ? 0x80 : 0) | (i == 0 ? 2 : 0), part));
    }
    try (RawClient client = connect()) {
      for (byte[] bytes : List.of(RawClient.frame(0x82, message), fragments.toByteArray())) {
        Thread writer = client.writeElsewhere(bytes);
        assertEquals("binary 1048576", client.read());
        assertArrayEquals(message, client.lastPayload());
        writer.join();
      }
    }
    assertEquals(0, server.statistics().sessions().dropped());
  }

  @Test
  void thousandsOfFramesInOneWriteComeBackInOrder() throws Exception {
    int count = 10_000;
    var frames = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      frames.writeBytes(RawClient.text("message " + i));
    }
    try (RawClient client = connect()) {
      Thread writer = client.writeElsewhere(frames.toByteArray());
      for (int i = 0; i < count; i++) {
        assertEquals("text message " + i, client.read());
      }
      writer.join();
    }
  }

  @Test
  void bytesOneByOneAreTheSameMessages() throws IOException {
    try (RawClient client = new RawClient(server.address(), 0, clientTls)) {
      for (byte each : RawClient.handshake("/echo?a=b")) {
        client.write(new byte[] {each});
      }
      assertTrue(client.readHead().startsWith("HTTP/1.1 101 "));
      for (byte each : RawClient.text("ünïcødé " + "x".repeat(120))) {
        client.write(new byte[] {each});
      }
      assertEquals("text ünïcødé " + "x".repeat(120), client.read());
      assertEquals("a=b", lastOpened().query());
    }
  }

  @Test
  void aHandshakeAndFramesInOneWriteAreAllServed() throws IOException {
    var all = new ByteArrayOutputStream();
    all.writeBytes(RawClient.handshake("/echo"));
    all.writeBytes(RawClient.text("at once"));
    try (RawClient client = new RawClient(server.address(), 0, clientTls)) {
      client.write(all.toByteArray());
      assertTrue(client.readHead().startsWith("HTTP/1.1 101 "));
      assertEquals("text at once", client.read());
    }
  }

  @Test
  void hundredsOfConnectionsAreServedSideBySide() throws IOException {
    List<RawClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 150; i++) {
        clients.add(connect());
      }
      for (int round = 0; round < 20; round++) {
        for (int i = 0; i < clients.size(); i++) {
          clients.get(i).sendText(i + "/" + round);
        }
        for (int i = 0; i < clients.size(); i++) {
          assertEquals("text " + i + "/" + round, clients.get(i).read());
        }
      }
      assertEquals(clients.size(), server.statistics().sessions().open());
      assertEquals(clients.size(), server.statistics().engine().connections());
      assertEquals(3000, server.statistics().sessions().messagesOut());
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
    Await.until("all closed", () -> handler.closes.size() == clients.size());
  }

  @Test
  void afterAHalfCloseEverythingIsStillAnswered() throws IOException {
    try (RawClient client = connect()) {
      for (int i = 0; i < 100; i++) {
        client.sendText("m" + i);
      }
      client.halfClose();
      for (int i = 0; i < 100; i++) {
        assertEquals("text m" + i, client.read());
      }
      assertEquals("end", client.read());
    }
    Await.until("onClose", () -> handler.closes.contains("1006"));
  }

  @Test
  void aResetIs1006AndTheOthersLiveOn() throws IOException {
    try (RawClient other = connect()) {
      RawClient client = connect();
      client.sendText("x");
      client.read();
      client.reset();
      Await.until("onClose", () -> handler.closes.contains("1006"));
      other.sendText("still here");
      assertEquals("text still here", other.read());
    }
  }

  @Test
  void aSlowReaderIsWaitedForInBoundedMemoryAndLosesNothing() throws Exception {
    int count = 1024;
    var frames = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      frames.writeBytes(RawClient.frame(0x82, random(16 * 1024, i)));
    }
    try (RawClient client = connect(32 * 1024)) {
      Thread writer = client.writeElsewhere(frames.toByteArray());
      Await.until("a pause", () -> isBlockedAtItsBound());
      assertTrue(writer.isAlive(), "the client waits too");
      for (int i = 0; i < count; i++) {
        assertEquals("binary 16384", client.read());
        assertArrayEquals(random(16 * 1024, i), client.lastPayload());
      }
      writer.join();
    }
    assertEquals(0, server.statistics().sessions().dropped());
    assertTrue(server.statistics().sessions().pauses() > 0);
    // The high watermark, and what one receive had brought when it was reached.
    int most = handler.mostPending.get();
    assertTrue(most <= (64 + 64 + 17) * 1024, "most pending: " + most);
    assertTrue(handler.drains.get() > 0);
  }

  /// Nothing moves any more: the server has paused, and the kernel's buffers are full.
  private boolean isBlockedAtItsBound() {
    if (server.statistics().sessions().pauses() == 0) {
      return false;
    }
    long messages = server.statistics().sessions().messagesIn();
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    return server.statistics().sessions().messagesIn() == messages;
  }

  @Test
  void theClientCloses() throws IOException {
    try (RawClient client = connect()) {
      client.sendClose(4001);
      assertEquals("close 4001", client.read());
      assertEquals("end", client.read());
    }
    Await.until("onClose", () -> handler.closes.contains("4001"));
  }

  @Test
  void theServerCloses() throws IOException {
    try (RawClient client = connect()) {
      client.sendText("/close");
      assertEquals("close 4002 as told", client.read());
      client.sendClose(4002);
      assertEquals("end", client.read());
    }
    Await.until("onClose", () -> handler.closes.contains("4002"));
  }

  @Test
  void aBrokenRuleIsAnsweredWithItsCode() throws IOException {
    try (RawClient client = connect()) {
      client.write(new byte[] {(byte) 0x81, 0x01, 'x'});
      assertTrue(client.read().startsWith("close 1002 "));
      assertEquals("end", client.read());
    }
  }

  @Test
  void aHandlerThatThrowsLosesItsWebSocketOnly() throws IOException {
    try (RawClient client = connect();
        RawClient other = connect()) {
      client.sendText("/fail");
      assertEquals("close 1011", client.read());
      client.sendClose(1011);
      assertEquals("end", client.read());
      other.sendText("still here");
      assertEquals("text still here", other.read());
    }
    Await.until("onClose", () -> handler.closes.contains("1011"));
  }

  @Test
  void manyThreadsSendToOneWebSocketAndEachKeepsItsOrder() throws Exception {
    int threads = 4;
    int each = 500;
    try (RawClient client = connect()) {
      WebSocket ws = lastOpened();
      List<Thread> senders = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int name = t;
        senders.add(Thread.ofPlatform().start(() -> sendAll(ws, name, each)));
      }
      int[] next = new int[threads];
      for (int i = 0; i < threads * each; i++) {
        String[] words = client.read().split(" ", -1);
        int sender = Integer.parseInt(words[1]);
        assertEquals(next[sender]++, Integer.parseInt(words[2]));
      }
      for (Thread sender : senders) {
        sender.join();
      }
      Await.until("nothing pending", () -> ws.pendingOutput() == 0);
    }
  }

  private static void sendAll(WebSocket ws, int name, int count) {
    for (int i = 0; i < count; ) {
      SendStatus status = ws.sendText(name + " " + i);
      if (status.isAccepted()) {
        i++;
      } else {
        // Too much is pending: the owner needs a moment.
        assertEquals(SendStatus.DROPPED, status);
        LockSupport.parkNanos(100_000);
      }
    }
  }

  @Test
  void offloadedWorkIsToldInOrderAndHoldsNobodyUp() throws Exception {
    var gate = new CompletableFuture<String>();
    try (RawClient client = connect()) {
      WebSocket ws = lastOpened();
      assertTrue(ws.offload(gate::get, first -> ws.sendText(first)));
      for (int i = 0; i < 20; i++) {
        int number = i;
        assertTrue(ws.offload(() -> number, result -> ws.sendText("done " + result)));
      }
      client.sendText("meanwhile");
      assertEquals("text meanwhile", client.read());
      gate.complete("first");
      assertEquals("text first", client.read());
      for (int i = 0; i < 20; i++) {
        assertEquals("text done " + i, client.read());
      }
    }
  }

  @Test
  void stoppingSaysGoingAwayBehindWhatIsPending() throws Exception {
    Thread stopper;
    try (RawClient slow = connect(32 * 1024)) {
      int pending = fill(lastOpened());
      try (RawClient idle = connect()) {
        stopper = Thread.ofPlatform().start(() -> server.stop(Duration.ofSeconds(20)));
        assertEquals("close 1001 the server is stopping", idle.read());
        idle.sendClose(1001);
        assertEquals("end", idle.read());
      }
      for (int i = 0; i < pending; i++) {
        assertEquals("binary 65536", slow.read());
      }
      assertEquals("close 1001 the server is stopping", slow.read());
      slow.sendClose(1001);
      assertEquals("end", slow.read());
    }
    stopper.join();
    assertEquals(List.of("1001", "1001"), List.copyOf(handler.closes));
  }

  /// Sends until neither the kernel nor the session takes more, and tells how many messages that
  /// were.
  private static int fill(WebSocket ws) {
    // Nothing that becomes shorter.
    byte[] message = random(64 * 1024, 3);
    int sent = 0;
    for (int dropped = 0; dropped < 20; ) {
      if (ws.sendBinary(message).isAccepted()) {
        sent++;
        dropped = 0;
      } else {
        dropped++;
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      }
    }
    return sent;
  }

  @Test
  void theJdksOwnClientIsServed() throws Exception {
    var received = new CompletableFuture<String>();
    var closed = new CompletableFuture<Integer>();
    HttpClient.Builder client = HttpClient.newBuilder();
    if (clientTls != null) {
      client.sslContext(clientTls);
    }
    try (HttpClient http = client.build()) {
      java.net.http.WebSocket ws =
          http.newWebSocketBuilder()
              .buildAsync(
                  URI.create(
                      (tls ? "wss" : "ws")
                          + "://127.0.0.1:"
                          + server.address().getPort()
                          + "/echo"),
                  new Listener(received, closed))
              .get(120, TimeUnit.SECONDS);
      ws.sendText("half a ", false).get(120, TimeUnit.SECONDS);
      ws.sendText("message", true).get(120, TimeUnit.SECONDS);
      assertEquals("half a message", received.get(120, TimeUnit.SECONDS));
      ws.sendClose(4005, "bye").get(120, TimeUnit.SECONDS);
      assertEquals(4005, closed.get(120, TimeUnit.SECONDS));
    }
    Await.until("onClose", () -> handler.closes.contains("4005 bye"));
    assertFalse(lastOpened().isOpen());
  }

  private record Listener(CompletableFuture<String> received, CompletableFuture<Integer> closed)
      implements java.net.http.WebSocket.Listener {
    @Override
    public CompletionStage<?> onText(
        java.net.http.WebSocket webSocket, CharSequence data, boolean last) {
      received.complete(data.toString());
      webSocket.request(1);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<?> onClose(
        java.net.http.WebSocket webSocket, int statusCode, String reason) {
      closed.complete(statusCode);
      return CompletableFuture.completedFuture(null);
    }
  }
}
