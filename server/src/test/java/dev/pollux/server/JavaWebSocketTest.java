package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.session.WebSocket;
import dev.pollux.websocket.CompressionOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.Opcode;
import org.java_websocket.extensions.permessage_deflate.PerMessageDeflateExtension;
import org.java_websocket.framing.Framedata;
import org.java_websocket.handshake.ServerHandshake;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// A client of others in Java, Java-WebSocket, in clear and over TLS, with its compression and
/// without.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class JavaWebSocketTest {

  private static final class Client extends WebSocketClient {
    private static final int DEADLINE_SECONDS = 20;

    final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    volatile byte[] lastBinary = {};

    Client(URI uri, Draft_6455 draft) {
      super(uri, draft);
      // Its own thread for keep-alive is not what this is about.
      setConnectionLostTimeout(0);
    }

    @Override
    public void onOpen(ServerHandshake answer) {
      events.add("open " + answer.getFieldValue("Sec-WebSocket-Extensions"));
    }

    @Override
    public void onMessage(String text) {
      events.add("text " + text);
    }

    @Override
    public void onMessage(ByteBuffer bytes) {
      byte[] binary = new byte[bytes.remaining()];
      bytes.get(binary);
      lastBinary = binary;
      events.add("binary " + binary.length);
    }

    @Override
    public void onWebsocketPong(org.java_websocket.WebSocket socket, Framedata pong) {
      events.add("pong");
    }

    @Override
    public void onClose(int code, String reason, boolean remote) {
      events.add(("close " + code + " " + reason).strip());
    }

    @Override
    public void onError(Exception failure) {
      events.add("error " + failure);
    }

    String next() throws InterruptedException {
      return Objects.requireNonNullElse(
          events.poll(DEADLINE_SECONDS, TimeUnit.SECONDS), "nothing arrived");
    }
  }

  private static PolluxServer start(IoModel model, boolean tls, boolean compress, Contract handler)
      throws IOException {
    ServerBuilder server = Pollux.server().io(model).loops(1).webSocket("/echo", handler);
    if (tls) {
      server.tls(TrialTls.options());
    }
    if (compress) {
      server.compression(CompressionOptions.DEFAULT);
    }
    return server.engine(options -> options.withLinger(Duration.ofSeconds(1))).start();
  }

  private static void converse(IoModel model, boolean tls, boolean compress) throws Exception {
    OwnResources before = OwnResources.now();
    Contract handler = new Contract();
    try (PolluxServer server = start(model, tls, compress, handler)) {
      String scheme = tls ? "wss" : "ws";
      URI uri = URI.create(scheme + "://localhost:" + server.address().getPort() + "/echo");
      Draft_6455 draft =
          compress ? new Draft_6455(new PerMessageDeflateExtension()) : new Draft_6455();
      Client client = new Client(uri, draft);
      if (tls) {
        client.setSocketFactory(TrialTls.trusting().getSocketFactory());
      }
      assertTrue(client.connectBlocking(120, TimeUnit.SECONDS));
      String opened = client.next();
      assertEquals(compress, opened.contains("permessage-deflate"), opened);
      Await.until("a WebSocket", () -> handler.last != null);
      WebSocket ws = Objects.requireNonNull(handler.last);
      if (compress) {
        assertNotNull(ws.compression());
      } else {
        assertNull(ws.compression());
      }
      messages(client);
      client.send("/close");
      assertEquals("close 4002 as told", client.next());
      client.closeBlocking();
      assertFalse(client.isOpen());
      assertEquals(0, server.statistics().sessions().violations());
    }
    Await.untilEmpty("threads and descriptors left behind", before::moreNow);
  }

  private static void messages(Client client) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String text = "grüße an alle € ".repeat(2000);
    client.send(text);
    assertEquals("text " + text, client.next());
    client.send("");
    assertEquals("text ", client.next());
    for (int length : new int[] {1, 125, 126, 65_535, 65_536, 500_000}) {
      byte[] noise = new byte[length];
      random.nextBytes(noise);
      for (byte[] payload : List.of(noise, new byte[length])) {
        client.send(payload);
        assertEquals("binary " + length, client.next(), "seed " + seed);
        assertArrayEquals(payload, client.lastBinary, "seed " + seed);
      }
    }
    client.sendPing();
    assertEquals("pong", client.next());
    for (int i = 0; i < 300; i++) {
      client.send("message " + i);
    }
    for (int i = 0; i < 300; i++) {
      assertEquals("text message " + i, client.next());
    }
  }

  @ParameterizedTest
  @EnumSource
  void inClear(IoModel model) throws Exception {
    converse(model, false, false);
  }

  @ParameterizedTest
  @EnumSource
  void inClearCompressed(IoModel model) throws Exception {
    converse(model, false, true);
  }

  @ParameterizedTest
  @CsvSource({"EPOLL,false", "EPOLL,true", "BLOCKING,false", "BLOCKING,true", "IO_URING,true"})
  void overTls(IoModel model, boolean compress) throws Exception {
    converse(model, true, compress);
  }

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "BLOCKING", "IO_URING"})
  void inFragments(IoModel model) throws Exception {
    Contract handler = new Contract();
    try (PolluxServer server = start(model, false, false, handler)) {
      URI uri = URI.create("ws://localhost:" + server.address().getPort() + "/echo");
      Client client = new Client(uri, new Draft_6455());
      assertTrue(client.connectBlocking(120, TimeUnit.SECONDS));
      client.next();
      byte[] whole = "one, two, three".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
      int piece = whole.length / 10;
      for (int i = 0; i < 10; i++) {
        byte[] part = Arrays.copyOfRange(whole, i * piece, i == 9 ? whole.length : (i + 1) * piece);
        client.sendFragmentedFrame(Opcode.TEXT, ByteBuffer.wrap(part), i == 9);
      }
      assertEquals("text " + new String(whole, StandardCharsets.US_ASCII), client.next());
      client.closeBlocking();
      assertEquals("close 1000", client.next());
    }
  }
}
