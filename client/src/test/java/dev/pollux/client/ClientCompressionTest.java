package dev.pollux.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.server.Pollux;
import dev.pollux.server.PolluxServer;
import dev.pollux.server.ServerBuilder;
import dev.pollux.session.Message;
import dev.pollux.session.MessageStream;
import dev.pollux.session.StreamingHandler;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import dev.pollux.websocket.CompressionOptions;
import dev.pollux.websocket.DeflateParameters;
import dev.pollux.websocket.DeflateStatistics;
import dev.pollux.zlib.Zlib;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// permessage-deflate (RFC 7692) from the client's side, on every I/O model, against our own server
/// with and without it.
@ParameterizedClass
@EnumSource(IoModel.class)
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("NullAway.Init") // JUnit and the method before each test set the fields
final class ClientCompressionTest {
  private static final CompressionOptions ALL = CompressionOptions.DEFAULT.withThresholdBytes(0);
  private static final String NO_TAKEOVER =
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

  /// Echoes; a text of digits is answered with so many bytes that are all zero.
  private static final class Echo implements WebSocketHandler {
    final BlockingQueue<String> agreed = new LinkedBlockingQueue<>();

    @Override
    public void onOpen(WebSocket ws) {
      agreed.add(said(ws));
    }

    @Override
    public void onMessage(WebSocket ws, Message message) {
      if (message.isText() && message.text().matches("[0-9]+")) {
        ws.sendBinary(new byte[Integer.parseInt(message.text())]);
      } else {
        ws.send(message);
      }
    }
  }

  @Parameter IoModel model;

  private final Echo echo = new Echo();
  private OwnResources before;
  private long streamsBefore;
  private @Nullable PolluxServer server;
  private @Nullable PolluxClient client;

  @BeforeEach
  void count() {
    before = OwnResources.now();
    streamsBefore = Zlib.streamsAlive();
  }

  @AfterEach
  void stopAndLeaveNothingBehind() {
    if (client != null) {
      client.close();
    }
    if (server != null) {
      server.close();
    }
    Await.untilEmpty("threads and descriptors left behind", before::moreNow);
    assertEquals(streamsBefore, Zlib.streamsAlive(), "streams of zlib left behind");
  }

  private static String said(WebSocket ws) {
    DeflateParameters parameters = ws.compression();
    return parameters == null ? "nothing" : parameters.toExtension().toString();
  }

  private WebSocket connect(
      UnaryOperator<ServerBuilder> ofServer,
      UnaryOperator<ClientBuilder> ofClient,
      Recorder recorder)
      throws Exception {
    PolluxServer serving =
        ofServer
            .apply(Pollux.server())
            .io(model)
            .loops(1)
            .engine(options -> options.withLinger(Duration.ofSeconds(1)))
            .webSocket("/echo", echo)
            .start();
    server = serving;
    PolluxClient connecting =
        ofClient.apply(PolluxClient.builder()).io(model).stopGrace(Duration.ofSeconds(20)).start();
    client = connecting;
    URI uri = URI.create("ws://127.0.0.1:" + serving.address().getPort() + "/echo");
    WebSocket ws = connecting.connect(uri, recorder).get(120, TimeUnit.SECONDS);
    assertEquals("open /echo?null null", recorder.next());
    assertEquals(said(ws), echo.agreed.poll(120, TimeUnit.SECONDS), "both sides know the same");
    return ws;
  }

  private WebSocket connect(CompressionOptions ofServer, CompressionOptions ofClient)
      throws Exception {
    Recorder recorder = new Recorder();
    WebSocket ws =
        connect(
            builder -> builder.compression(ofServer),
            builder -> builder.compression(ofClient),
            recorder);
    converse(ws, recorder);
    return ws;
  }

  /// Text, binary, empty, compressible and random ones, three times each.
  private static void converse(WebSocket ws, Recorder recorder) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 3; round++) {
      String prose = "grüße an alle € ".repeat(1 + random.nextInt(2000));
      ws.sendText(prose);
      assertEquals("text " + prose, recorder.next(), "seed " + seed);
      byte[] noise = new byte[1 + random.nextInt(100_000)];
      random.nextBytes(noise);
      ws.sendBinary(noise);
      assertEquals("binary " + noise.length, recorder.next(), "seed " + seed);
      assertArrayEquals(noise, recorder.binaries.getLast(), "seed " + seed);
      ws.sendText("");
      assertEquals("text", recorder.next().strip(), "seed " + seed);
      ws.sendText("200000");
      assertEquals("binary 200000", recorder.next(), "seed " + seed);
      assertArrayEquals(new byte[200_000], recorder.binaries.getLast());
    }
  }

  @Test
  void itIsOfferedWithoutAWord() throws Exception {
    Recorder recorder = new Recorder();
    WebSocket ws =
        connect(
            builder -> builder.compression(CompressionOptions.DEFAULT),
            builder -> builder,
            recorder);
    assertEquals(NO_TAKEOVER, said(ws));
    converse(ws, recorder);
  }

  @Test
  void aServerThatHasNoneIsServedWithoutIt() throws Exception {
    Recorder recorder = new Recorder();
    WebSocket ws = connect(builder -> builder, builder -> builder, recorder);
    assertNull(ws.compression());
    converse(ws, recorder);
  }

  @Test
  void whoDoesNotWantItOffersNothing() throws Exception {
    Recorder recorder = new Recorder();
    WebSocket ws =
        connect(
            builder -> builder.compression(CompressionOptions.DEFAULT),
            ClientBuilder::noCompression,
            recorder);
    assertNull(ws.compression());
    converse(ws, recorder);
  }

  @Test
  void contextIsTakenOverWhereBothWantIt() throws Exception {
    CompressionOptions takeover = ALL.withContextTakeover(true, true);
    assertEquals("permessage-deflate", said(connect(takeover, takeover)));
  }

  @Test
  void contextIsTakenOverOneWay() throws Exception {
    CompressionOptions all = ALL.withContextTakeover(true, true);
    assertEquals(
        "permessage-deflate; client_no_context_takeover",
        said(connect(all, ALL.withContextTakeover(true, false))));
  }

  @Test
  void contextIsTakenOverTheOtherWay() throws Exception {
    CompressionOptions all = ALL.withContextTakeover(true, true);
    assertEquals(
        "permessage-deflate; server_no_context_takeover",
        said(connect(ALL.withContextTakeover(false, true), all)));
  }

  /// In both directions: the server sends back each part as it comes.
  @Test
  void messagesInPartsAreCompressedToo() throws Exception {
    CompressionOptions takeover = ALL.withContextTakeover(true, true);
    for (CompressionOptions options : List.of(ALL, takeover)) {
      Recorder recorder = new Recorder();
      WebSocket ws =
          connect(
              builder ->
                  builder.compression(options).webSocket("/parts", request -> new PartsEcho()),
              builder -> builder.compression(options),
              recorder);
      ws.close();
      PolluxServer serving = Objects.requireNonNull(server);
      PolluxClient connecting = Objects.requireNonNull(client);
      URI uri = URI.create("ws://127.0.0.1:" + serving.address().getPort() + "/parts");
      Recorder parts = new Recorder();
      WebSocket streaming = connecting.connect(uri, parts).get(120, TimeUnit.SECONDS);
      parts.next();
      for (int last : new int[] {0, 1, 20_000}) {
        MessageStream stream = streaming.streamText();
        StringBuilder whole = new StringBuilder();
        for (int i = 0; i < 20; i++) {
          String part = ("grüße " + i + " € ").repeat(1 + i * 100);
          whole.append(part);
          assertTrue(stream.send(part).isAccepted());
        }
        // The last frame is empty, or is what is left of a surrogate pair.
        String end = last == 1 ? "\ud83d" : "x".repeat(last);
        whole.append(last == 1 ? "?" : end);
        assertTrue(stream.send(end).isAccepted());
        streaming.ping(ByteBuffer.allocate(3));
        assertTrue(stream.finish().isAccepted());
        assertEquals("text " + whole, parts.next());
        streaming.sendText("between");
        assertEquals("text between", parts.next());
      }
      for (DeflateStatistics counted :
          List.of(
              serving.statistics().sessions().compression(),
              connecting.statistics().sessions().compression())) {
        assertTrue(counted.messagesIn() >= 3 && counted.messagesOut() >= 3, counted.toString());
        assertTrue(counted.deflatedBytesIn() < counted.inflatedBytesIn() / 10, counted.toString());
        assertTrue(
            counted.deflatedBytesOut() < counted.inflatedBytesOut() / 10, counted.toString());
        assertTrue(counted.inflatedBytesOut() > 600_000, counted.toString());
      }
      connecting.close();
      serving.close();
    }
  }

  private static final class PartsEcho implements StreamingHandler {
    private @Nullable MessageStream out;

    @Override
    public int wholeUpToBytes() {
      return 100;
    }

    @Override
    public void onMessage(WebSocket ws, Message message) {
      ws.send(message);
    }

    @Override
    public void onPart(WebSocket ws, Message part, boolean last) {
      MessageStream stream = out == null ? ws.streamText() : out;
      out = last ? null : stream;
      if (!stream.send(part.text()).isAccepted() || (last && !stream.finish().isAccepted())) {
        throw new IllegalStateException("a part was not accepted");
      }
    }
  }

  @Test
  void whatIsCompressedIsCounted() throws Exception {
    Recorder recorder = new Recorder();
    WebSocket ws =
        connect(
            builder -> builder.compression(CompressionOptions.DEFAULT),
            builder -> builder,
            recorder);
    ws.sendText("a".repeat(10_000));
    recorder.next();
    // Below the threshold, and what becomes no shorter: not compressed.
    ws.sendText("short");
    recorder.next();
    byte[] noise = new byte[10_000];
    new Random(1).nextBytes(noise);
    ws.sendBinary(noise);
    recorder.next();
    DeflateStatistics counted =
        Objects.requireNonNull(server).statistics().sessions().compression();
    assertEquals(1, counted.messagesIn());
    assertEquals(10_000, counted.inflatedBytesIn());
    assertEquals(1, counted.messagesOut());
    assertEquals(10_000, counted.inflatedBytesOut());
    assertTrue(
        counted.deflatedBytesIn() > 0 && counted.deflatedBytesIn() < 100, counted.toString());
    assertTrue(
        counted.deflatedBytesOut() > 0 && counted.deflatedBytesOut() < 100, counted.toString());
  }

  @Test
  void smallWindowsAreAgreedUpon() throws Exception {
    WebSocket ws = connect(ALL.withMaxWindowBits(11, 10), ALL.withMaxWindowBits(12, 12));
    String expected =
        Zlib.available()
            ? NO_TAKEOVER + "; server_max_window_bits=11; client_max_window_bits=10"
            : "nothing";
    assertEquals(expected, said(ws));
  }

  @Test
  void aBombIs1009AndNothingOfItIsDelivered() throws Exception {
    Recorder recorder = new Recorder();
    WebSocket ws =
        connect(
            builder -> builder.compression(CompressionOptions.DEFAULT),
            builder -> builder,
            recorder);
    // One byte more than a message may have; 1 KiB on the wire.
    ws.sendText(Integer.toString((1 << 20) + 1));
    String end = recorder.next();
    assertTrue(end.startsWith("close 1009 a message has at least "), end);
    assertEquals(0, recorder.binaries.size());
    assertEquals(1, Objects.requireNonNull(client).statistics().sessions().violations());
  }

  @Test
  void theEndOfTheClientLeavesNoStream() throws Exception {
    CompressionOptions takeover = ALL.withContextTakeover(true, true);
    connect(takeover, takeover);
    assertTrue(Zlib.streamsAlive() > streamsBefore);
    // The rest is looked at when the test is over.
  }
}
