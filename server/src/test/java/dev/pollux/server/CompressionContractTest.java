package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.websocket.CompressionOptions;
import dev.pollux.zlib.Zlib;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// permessage-deflate (RFC 7692) on every I/O model, against `java.util.zip`.
@ParameterizedClass
@EnumSource(IoModel.class)
@SuppressWarnings("NullAway.Init") // JUnit and the method before each test set the fields
final class CompressionContractTest {
  private static final String OFFER = "permessage-deflate; client_max_window_bits";
  private static final byte[] HELLO = "Hello, Hello, Hello!".getBytes(StandardCharsets.US_ASCII);

  @Parameter IoModel model;

  private Contract handler;
  private PolluxServer server;
  private OwnResources before;
  private long streamsBefore;

  @BeforeEach
  void begin() {
    before = OwnResources.now();
    streamsBefore = Zlib.streamsAlive();
  }

  private void start(CompressionOptions options) throws IOException {
    handler = new Contract();
    server =
        Pollux.server()
            .io(model)
            .loops(model == IoModel.NONBLOCKING ? 1 : 2)
            .webSocket("/echo", handler)
            .engine(engine -> engine.withLinger(Duration.ofSeconds(1)))
            .compression(options)
            .start();
  }

  @AfterEach
  void stopAndLeaveNothingBehind() {
    server.stop(Duration.ofSeconds(2));
    Await.untilEmpty("threads and descriptors left behind", before::moreNow);
    assertEquals(streamsBefore, Zlib.streamsAlive(), "streams of zlib left behind");
  }

  private DeflatingClient connect(String offer) throws IOException {
    return new DeflatingClient(server.address(), offer);
  }

  private static byte[] prose(int length, Random random) {
    StringBuilder text = new StringBuilder(length + 16);
    while (text.length() < length) {
      text.append("word").append(random.nextInt(500)).append(' ');
    }
    return text.substring(0, length).getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] noise(int length, Random random) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static void converse(DeflatingClient client) throws Exception {
    long seed = System.nanoTime();
    System.out.println("converse seed " + seed);
    Random random = new Random(seed);
    for (int length : new int[] {1, 125, 300, 5000, 66_000, 300_000}) {
      for (byte[] payload : List.of(prose(length, random), noise(length, random))) {
        Thread writer = client.raw.writeElsewhere(client.message(payload, 1 + random.nextInt(3)));
        assertArrayEquals(payload, client.read(length));
        writer.join();
      }
    }
  }

  @Test
  void compressibleAndRandomMessagesAreEchoed() throws Exception {
    start(CompressionOptions.DEFAULT);
    try (DeflatingClient client = connect(OFFER)) {
      assertEquals(
          "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
          client.extensions);
      converse(client);
    }
    assertEquals(0, server.statistics().sessions().violations());
  }

  @Test
  void theSameWithContextTakeover() throws Exception {
    start(CompressionOptions.DEFAULT.withContextTakeover(true, true).withThresholdBytes(0));
    try (DeflatingClient client = connect(OFFER)) {
      assertEquals("permessage-deflate", client.extensions);
      converse(client);
      converse(client);
      client.raw.write(client.message(prose(1000, new Random(1)), 1));
      client.read(1000);
      client.raw.write(client.message(prose(1000, new Random(1)), 1));
      assertEquals(1000, client.read(1000).length);
      assertTrue(client.raw.lastPayload().length < 50, "the second one refers to the first");
    }
  }

  @Test
  void aSmallWindowIsAgreedUponWhereItCanBeKept() throws Exception {
    start(CompressionOptions.DEFAULT.withMaxWindowBits(11, 10));
    String answer =
        Zlib.available()
            ? "permessage-deflate; server_no_context_takeover; client_no_context_takeover;"
                + " server_max_window_bits=9"
            : "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    try (DeflatingClient client =
        connect("permessage-deflate; server_max_window_bits=9, permessage-deflate")) {
      assertEquals(answer, client.extensions);
      converse(client);
    }
  }

  @Test
  void withoutAnOfferThatCanBeKeptNothingIsCompressed() throws Exception {
    start(CompressionOptions.DEFAULT.withThresholdBytes(0));
    try (DeflatingClient client = connect("permessage-deflate; server_max_window_bits=8")) {
      assertNull(client.extensions);
      client.raw.write(RawClient.frame(0x82, HELLO));
      assertEquals("binary " + HELLO.length, client.raw.read());
      client.raw.write(client.message(HELLO, 1));
      assertTrue(client.raw.read().startsWith("close 1002"));
    }
  }

  @Test
  void whatAnotherThreadSendsIsCompressedToo() throws Exception {
    start(CompressionOptions.DEFAULT);
    try (DeflatingClient client = connect(OFFER)) {
      Await.until("a WebSocket", () -> handler.last != null);
      String text = "another thread ".repeat(100);
      Objects.requireNonNull(handler.last).sendText(text);
      assertEquals(text, new String(client.read(text.length()), StandardCharsets.US_ASCII));
      assertTrue(client.raw.lastPayload().length < 100);
    }
  }

  @Test
  void aBombIs1009() throws Exception {
    start(CompressionOptions.DEFAULT);
    try (DeflatingClient client = connect(OFFER)) {
      client.raw.write(client.message(new byte[(1 << 20) + 1], 1));
      assertTrue(client.raw.read().startsWith("close 1009"));
    }
  }

  @Test
  void badDeflateIs1007AndRsv1WhereItMustNotBe1002() throws Exception {
    start(CompressionOptions.DEFAULT);
    for (byte[] bad :
        List.of(
            RawClient.frame(0xC2, new byte[] {-1, -1}), RawClient.frame(0xC9, new byte[] {1}))) {
      try (DeflatingClient client = connect(OFFER)) {
        client.raw.write(bad);
        String close = client.raw.read();
        assertTrue(close.startsWith(bad[0] == (byte) 0xC2 ? "close 1007" : "close 1002"), close);
      }
    }
  }

  @Test
  void sessionsThatEndInAnyWayLeaveNoStream() throws Exception {
    start(CompressionOptions.DEFAULT.withContextTakeover(true, true).withThresholdBytes(0));
    for (int round = 0; round < 5; round++) {
      List<DeflatingClient> clients = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        DeflatingClient client = connect(OFFER);
        client.raw.write(client.message(HELLO, 2));
        assertArrayEquals(HELLO, client.read(HELLO.length));
        clients.add(client);
      }
      for (int i = 0; i < clients.size(); i++) {
        RawClient raw = clients.get(i).raw;
        switch (i % 4) {
          case 0 -> raw.sendClose(1000);
          case 1 -> raw.reset();
          // In the middle of a message.
          case 2 -> raw.write(RawClient.frame(0x42, new byte[] {0x42}));
          default -> raw.write(RawClient.frame(0xC2, new byte[] {-1}));
        }
        clients.get(i).close();
      }
      Await.until("no stream of an ended session", () -> Zlib.streamsAlive() == streamsBefore);
    }
  }
}
