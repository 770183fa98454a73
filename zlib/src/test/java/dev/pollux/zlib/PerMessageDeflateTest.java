package dev.pollux.zlib;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.websocket.Compression;
import dev.pollux.websocket.CompressionOptions;
import dev.pollux.websocket.DeflateParameters;
import dev.pollux.websocket.DeflateStreams;
import dev.pollux.websocket.MemoryAccount;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/// RFC 7692 §6, §7.2, against `java.util.zip` and against itself, with each implementation.
@ParameterizedClass(name = "{0}")
@MethodSource("implementations")
@SuppressWarnings("NullAway.Init") // JUnit and the method before each test set the fields
class PerMessageDeflateTest {
  private static final DeflateParameters TAKEOVER = new DeflateParameters(false, false, 15, 15);
  private static final DeflateParameters NONE = new DeflateParameters(true, true, 15, 15);
  private static final int TEXT = 1;
  private static final int BINARY = 2;

  @Parameter Implementation implementation;

  private DeflateStreams streams;
  private long before;

  /// Its name is the test's.
  record Implementation(Compression compression) {
    @Override
    public String toString() {
      return compression.name();
    }
  }

  static Stream<Implementation> implementations() {
    return (Zlib.available()
            ? Stream.of(Zlib.compression(), Zlib.ofTheJdk())
            : Stream.of(Zlib.ofTheJdk()))
        .map(Implementation::new);
  }

  @BeforeEach
  void open() {
    before = Zlib.streamsAlive();
    streams = End.streams(implementation.compression);
  }

  @AfterEach
  void everyStreamIsFreed() {
    streams.close();
    assertEquals(before, Zlib.streamsAlive(), "streams that were not freed");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] random(int length, Random random) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /// Compressible, of no period.
  private static byte[] prose(int length, Random random) {
    byte[] bytes = new byte[length];
    for (int at = 0; at < length; ) {
      byte[] word = ascii(" word" + random.nextInt(500));
      int part = Math.min(word.length, length - at);
      System.arraycopy(word, 0, bytes, at, part);
      at += part;
    }
    return bytes;
  }

  private static byte[] deflated(Deflater deflater, byte[] payload) {
    byte[] target = new byte[payload.length + payload.length / 100 + 100];
    deflater.setInput(payload);
    int length = deflater.deflate(target, 0, target.length, Deflater.SYNC_FLUSH);
    return Arrays.copyOf(target, length - 4);
  }

  // What comes in

  /// The payloads of RFC 7692 §7.2.3.1 to §7.2.3.6.
  @Test
  void theExamplesOfTheRfcAreRead() {
    for (String payload :
        List.of(
            "f2 48 cd c9 c9 07 00",
            "00 05 00 fa ff 48 65 6c 6c 6f 00",
            "f3 48 cd c9 c9 07 00 00",
            "f2 48 05 00 00 00 ff ff ca c9 c9 07 00")) {
      try (End server = new End(streams, TAKEOVER, false);
          End client = new End(streams, TAKEOVER, true)) {
        byte[] hello = End.hex(payload);
        server.read(client.frames(TEXT, true, hello, 1));
        server.read(client.frames(TEXT, true, hello, 3));
        server.read(client.frames(TEXT, true, new byte[] {0}, 1));
        server.read(client.frames(TEXT, false, ascii("plain"), 1));
        assertEquals(List.of("text Hello", "text Hello", "text ", "text plain"), server.events);
      }
    }
    try (End server = new End(streams, TAKEOVER, false);
        End client = new End(streams, TAKEOVER, true)) {
      server.read(client.frames(TEXT, true, End.hex("f2 48 cd c9 c9 07 00"), 1));
      server.read(client.frames(TEXT, true, End.hex("f2 00 11 00 00"), 1));
      assertEquals(List.of("text Hello", "text Hello"), server.events);
    }
  }

  @Test
  void aFinalBlockEndsNothing() {
    try (End server = new End(streams, TAKEOVER, false);
        End client = new End(streams, TAKEOVER, true)) {
      // Two final blocks, a byte of the next block; then one with nothing behind it.
      server.read(
          client.frames(TEXT, true, End.hex("f3 48 cd c9 c9 07 00 f3 48 cd c9 c9 07 00 00"), 4));
      server.read(client.frames(TEXT, true, End.hex("f3 48 cd c9 c9 07 00"), 2));
      server.read(client.frames(TEXT, true, End.hex("f2 48 cd c9 c9 07 00"), 1));
      assertEquals(List.of("text HelloHello", "text Hello", "text Hello"), server.events);
    }
  }

  @Test
  void aFrameWithoutABytesIsAnEmptyMessage() {
    try (End server = new End(streams, TAKEOVER, false);
        End client = new End(streams, TAKEOVER, true)) {
      server.read(client.frames(TEXT, true, new byte[0], 1));
      server.read(client.frames(TEXT, true, End.hex("f2 48 cd c9 c9 07 00"), 1));
      server.read(client.frames(TEXT, true, new byte[0], 2));
      assertEquals(List.of("text ", "text Hello", "text "), server.events);
    }
  }

  @Test
  void whatIsNotDeflateIs1007() {
    for (String payload : List.of("06", "07 00", "ff ff ff ff", "f2 48 cd c9 c9 07 00 06", "04")) {
      for (DeflateParameters parameters : List.of(TAKEOVER, NONE)) {
        try (End server = new End(streams, parameters, false);
            End client = new End(streams, parameters, true)) {
          server.read(client.frames(BINARY, true, End.hex(payload), 1));
          String last = server.events.getLast();
          if (implementation.compression.leastWindowBits() < 15 || !last.startsWith("binary")) {
            assertEquals("violation COMPRESSED_DATA_IS_DEFLATE 1007", last, payload);
          }
          assertEquals(1, server.events.size());
        }
      }
    }
  }

  @Test
  void aDecompressorThatMetBadDataIsAsNewForTheNext() {
    try (End server = new End(streams, NONE, false);
        End client = new End(streams, NONE, true)) {
      server.read(client.frames(BINARY, true, End.hex("ff ff"), 1));
      assertEquals(List.of("violation COMPRESSED_DATA_IS_DEFLATE 1007"), server.events);
    }
    try (End server = new End(streams, NONE, false);
        End client = new End(streams, NONE, true)) {
      server.read(client.frames(TEXT, true, End.hex("f2 48 cd c9 c9 07 00"), 1));
      assertEquals(List.of("text Hello"), server.events);
    }
  }

  @Test
  void textIsCheckedAsItIsInflated() {
    Deflater deflater = new Deflater(6, true);
    byte[] cut = deflated(deflater, new byte[] {'a', (byte) 0xC3});
    deflater.reset();
    byte[] wrong = deflated(deflater, new byte[] {'a', (byte) 0xC3, 'b'});
    deflater.end();
    for (byte[] payload : List.of(cut, wrong)) {
      try (End server = new End(streams, NONE, false);
          End client = new End(streams, NONE, true)) {
        server.read(client.frames(TEXT, true, payload, 1));
        assertEquals(List.of("violation TEXT_IS_UTF8 1007"), server.events);
      }
    }
  }

  @Test
  void wrongTextIsRefusedBeforeItsMessageEnds() {
    Deflater deflater = new Deflater(6, true);
    byte[] wrong = deflated(deflater, new byte[] {'a', (byte) 0xC3, 'b'});
    deflater.end();
    try (End server = new End(streams, NONE, false);
        End client = new End(streams, NONE, true)) {
      server.read(client.frame(0x41, wrong));
      assertEquals(List.of("violation TEXT_IS_UTF8 1007"), server.events);
    }
  }

  @Test
  void aBombIs1009AndTakesLittleMemory() {
    Deflater deflater = new Deflater(9, true);
    byte[] bomb = deflated(deflater, new byte[64 << 20]);
    deflater.end();
    var limits = End.LIMITS.withMaxMessageBytes(100_000);
    for (DeflateParameters parameters : List.of(TAKEOVER, NONE)) {
      try (End server = new End(streams, parameters, false, limits);
          End client = new End(streams, parameters, true)) {
        server.read(client.frames(BINARY, true, bomb, 1));
        assertEquals(List.of("violation MESSAGE_IS_WITHIN_LIMIT 1009"), server.events);
        assertTrue(server.buffers.most < 400_000, server.buffers.most + " bytes were borrowed");
      }
    }
  }

  @Test
  void theLimitIsOfWhatIsInflated() {
    Deflater deflater = new Deflater(9, true);
    byte[] exactly = deflated(deflater, new byte[100_000]);
    deflater.reset();
    byte[] more = deflated(deflater, new byte[100_001]);
    deflater.end();
    var limits = End.LIMITS.withMaxMessageBytes(100_000);
    for (int frames = 1; frames < 4; frames++) {
      try (End server = new End(streams, NONE, false, limits);
          End client = new End(streams, NONE, true)) {
        server.read(client.frames(BINARY, true, exactly, frames));
        server.read(client.frames(BINARY, true, more, frames));
        assertEquals(
            List.of("binary 100000", "violation MESSAGE_IS_WITHIN_LIMIT 1009"), server.events);
      }
    }
  }

  @Test
  void controlFramesMayComeBetweenCompressedFragments() {
    try (End server = new End(streams, TAKEOVER, false);
        End client = new End(streams, TAKEOVER, true)) {
      byte[] hello = End.hex("f2 48 cd c9 c9 07 00");
      server.read(client.frame(0x41, Arrays.copyOf(hello, 3)));
      server.read(client.frame(0x89, new byte[] {1}));
      server.read(client.frame(0x00, Arrays.copyOfRange(hello, 3, 5)));
      server.read(client.frame(0x8A, new byte[0]));
      server.read(client.frame(0x80, Arrays.copyOfRange(hello, 5, 7)));
      server.read(client.frame(0x88, new byte[0]));
      assertEquals(List.of("ping", "pong", "text Hello", "close 1005"), server.events);
    }
  }

  @Test
  void rsv1OnContinuationAndControlFramesIsRefused() {
    for (int first : new int[] {0xC0, 0xC8, 0xC9, 0xCA, 0x40}) {
      try (End server = new End(streams, TAKEOVER, false);
          End client = new End(streams, TAKEOVER, true)) {
        server.read(client.frame(0x41, End.hex("f2 48")));
        server.read(client.frame(first, new byte[0]));
        assertEquals(List.of("violation RSV_BITS_ARE_ZERO 1002"), server.events);
      }
    }
  }

  @Test
  void aFragmentOfAnotherMessageIsRefused() {
    try (End server = new End(streams, TAKEOVER, false);
        End client = new End(streams, TAKEOVER, true)) {
      server.read(client.frame(0x41, End.hex("f2 48")));
      server.read(client.frame(0x81, new byte[0]));
      assertEquals(List.of("violation MESSAGES_ARE_NOT_INTERLEAVED 1002"), server.events);
    }
  }

  @Test
  void whatTheJdkDeflatesIsReadHoweverItIsCut() {
    for (DeflateParameters parameters : List.of(TAKEOVER, NONE)) {
      Deflater deflater = new Deflater(6, true);
      var wire = new ByteArrayOutputStream();
      List<String> expected = new ArrayList<>();
      try (End client = new End(streams, parameters, true)) {
        for (int i = 0; i < 4; i++) {
          String text = "grüße " + "abcabc".repeat(i * 5) + " €" + i;
          byte[] payload = deflated(deflater, text.getBytes(StandardCharsets.UTF_8));
          if (parameters.clientNoContextTakeover()) {
            deflater.reset();
          }
          wire.writeBytes(client.frames(TEXT, true, payload, 1 + i % 3));
          expected.add("text " + text);
        }
      }
      deflater.end();
      byte[] bytes = wire.toByteArray();
      for (int cut = 0; cut <= bytes.length; cut++) {
        try (End server = new End(streams, parameters, false)) {
          server.read(bytes, 0, cut);
          server.read(bytes, cut, bytes.length - cut);
          assertEquals(expected, server.events, "cut at " + cut);
          assertEquals(0, server.buffers.outstanding());
        }
      }
      try (End server = new End(streams, parameters, false)) {
        for (int i = 0; i < bytes.length; i++) {
          server.read(bytes, i, 1);
        }
        assertEquals(expected, server.events, "byte by byte");
      }
    }
  }

  // What goes out

  @Test
  void whatIsDeflatedTheJdkInflates() throws Exception {
    long seed = System.nanoTime();
    System.out.println("whatIsDeflatedTheJdkInflates " + implementation + " seed " + seed);
    Random random = new Random(seed);
    for (DeflateParameters parameters : List.of(TAKEOVER, NONE)) {
      Inflater inflater = new Inflater(true);
      try (End server = new End(streams, parameters, false)) {
        for (int length : new int[] {1, 2, 100, 5000, 16_383, 16_384, 16_385, 100_000, 700_000}) {
          byte[] payload = prose(length, random);
          MemorySegment deflated =
              server.deflate.deflate(MemorySegment.ofArray(payload), 0, length);
          if (deflated == null) {
            assertTrue(parameters.serverNoContextTakeover() && length < 200, length + " bytes");
            continue;
          }
          byte[] bytes =
              Arrays.copyOf(
                  deflated
                      .asSlice(0, server.deflate.deflatedBytes())
                      .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE),
                  server.deflate.deflatedBytes() + 4);
          bytes[bytes.length - 2] = -1;
          bytes[bytes.length - 1] = -1;
          server.buffers.giveBack(deflated);
          byte[] inflated = new byte[length];
          inflater.setInput(bytes);
          assertEquals(length, inflater.inflate(inflated));
          assertArrayEquals(payload, inflated);
          assertEquals(0, inflater.getRemaining());
          if (parameters.serverNoContextTakeover()) {
            inflater.reset();
          }
          assertEquals(0, server.buffers.outstanding());
        }
      }
      inflater.end();
    }
  }

  @Test
  void shortMessagesAndThoseThatBecomeNoShorterAreSentAsTheyAre() {
    try (var fromHundred =
            new DeflateStreams(
                implementation.compression,
                CompressionOptions.DEFAULT.withThresholdBytes(100),
                MemoryAccount.UNLIMITED);
        End server = new End(fromHundred, NONE, false)) {
      MemorySegment zeroes = MemorySegment.ofArray(new byte[100]);
      assertNull(server.deflate.deflate(zeroes, 0, 99));
      MemorySegment deflated = server.deflate.deflate(zeroes, 0, 100);
      assertNotNull(deflated);
      server.buffers.giveBack(deflated);
      byte[] noise = random(40_000, new Random(1));
      assertNull(server.deflate.deflate(MemorySegment.ofArray(noise), 0, noise.length));
      assertEquals(0, server.buffers.outstanding());
    }
    try (End server = new End(streams, TAKEOVER, false)) {
      assertNull(server.deflate.deflate(MemorySegment.NULL, 0, 0), "an empty message");
    }
  }

  @Test
  void everyCombinationOfParametersGoesBothWays() {
    long seed = System.nanoTime();
    System.out.println("everyCombination " + implementation + " seed " + seed);
    Random random = new Random(seed);
    int least = implementation.compression.leastWindowBits();
    for (int serverBits = least; serverBits <= 15; serverBits++) {
      for (int clientBits = least; clientBits <= 15; clientBits++) {
        for (int flags = 0; flags < 4; flags++) {
          var parameters =
              new DeflateParameters((flags & 1) != 0, (flags & 2) != 0, serverBits, clientBits);
          try (End server = new End(streams, parameters, false);
              End client = new End(streams, parameters, true)) {
            for (int length : new int[] {1, 300, 5000, 40_000}) {
              converse(client, server, prose(length, random), random);
              converse(server, client, random(length, random), random);
              converse(server, client, prose(length, random), random);
            }
            assertEquals(0, server.buffers.outstanding() + client.buffers.outstanding());
          }
        }
      }
    }
  }

  private static void converse(End from, End to, byte[] payload, Random random) {
    byte[] wire = from.message(BINARY, payload, 1 + random.nextInt(4));
    for (int at = 0; at < wire.length; ) {
      int piece = Math.min(wire.length - at, 1 + random.nextInt(20_000));
      to.read(wire, at, piece);
      at += piece;
    }
    assertArrayEquals(payload, to.last);
    assertTrue(to.events.getLast().startsWith("binary"), to.events.getLast());
  }

  @Test
  void contextTakeoverMakesLikeMessagesSmaller() {
    byte[] first = prose(1000, new Random(1));
    try (End server = new End(streams, TAKEOVER, false)) {
      int alone = server.message(BINARY, first, 1).length;
      int again = server.message(BINARY, first, 1).length;
      assertTrue(again < alone / 5, again + " after " + alone);
      server.deflate.forgetHistory();
      assertEquals(alone, server.message(BINARY, first, 1).length);
    }
    try (End server = new End(streams, NONE, false)) {
      int alone = server.message(BINARY, first, 1).length;
      assertEquals(alone, server.message(BINARY, first, 1).length);
    }
  }

  @Test
  void aMessageCompressedOnceIsForEveryPeerWhateverItKeeps() {
    byte[] news = prose(3000, new Random(2));
    byte[] own = prose(3000, new Random(3));
    try (End publisher = new End(streams, NONE, false)) {
      byte[] frame = publisher.message(BINARY, news, 1);
      for (DeflateParameters parameters : List.of(TAKEOVER, NONE)) {
        try (End server = new End(streams, parameters, false);
            End client = new End(streams, parameters, true)) {
          for (int round = 0; round < 3; round++) {
            client.read(server.message(BINARY, own, 1));
            assertArrayEquals(own, client.last);
            assertEquals(15, server.deflate.windowBitsForShared());
            client.read(frame);
            server.deflate.forgetHistory();
            assertArrayEquals(news, client.last);
          }
        }
      }
    }
  }

  // Memory

  @Test
  void anIdleCompressorIsGivenBackAndTheNextMessageIsRead() {
    byte[] message = prose(1000, new Random(4));
    try (End server = new End(streams, TAKEOVER, false);
        End client = new End(streams, TAKEOVER, true)) {
      client.read(server.message(BINARY, message, 1));
      long busy = Zlib.streamsAlive();
      server.deflate.onIdle();
      assertEquals(busy, Zlib.streamsAlive(), "used since the last look");
      server.deflate.onIdle();
      assertEquals(busy - 1, Zlib.streamsAlive());
      client.read(server.message(BINARY, message, 1));
      assertArrayEquals(message, client.last);
      assertEquals(2, client.events.size());
    }
  }

  @Test
  void withoutTakeoverAnIdleSessionHasNoStream() {
    byte[] message = prose(1000, new Random(5));
    List<End> ends = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      End server = new End(streams, NONE, false);
      End client = new End(streams, NONE, true);
      client.read(server.message(BINARY, message, 1));
      server.read(client.message(BINARY, message, 2));
      ends.add(server);
      ends.add(client);
    }
    assertTrue(Zlib.streamsAlive() - before <= 2, "one each way is shared by all");
    ends.forEach(End::close);
  }

  @Test
  void nothingIsMadeBeforeTheFirstMessageAndNothingAfterTheEnd() {
    End server = new End(streams, TAKEOVER, false);
    End client = new End(streams, TAKEOVER, true);
    assertEquals(before, Zlib.streamsAlive());
    server.close();
    server.read(client.frames(TEXT, true, End.hex("f2 48 cd c9 c9 07 00"), 1));
    assertNull(server.deflate.deflate(MemorySegment.ofArray(new byte[1000]), 0, 1000));
    client.close();
    assertEquals(before, Zlib.streamsAlive());
  }

  @Test
  void aStreamThatIsOutWhenAllIsClosedIsClosedWhenItComesBack() {
    End server = new End(streams, NONE, false);
    try (End client = new End(streams, NONE, true)) {
      server.read(client.frame(0x41, End.hex("f2 48")));
      streams.close();
      assertEquals(before + 1, Zlib.streamsAlive());
      server.read(client.frame(0x80, End.hex("cd c9 c9 07 00")));
      assertEquals(List.of("text Hello"), server.events);
      assertEquals(before, Zlib.streamsAlive());
    }
    server.close();
  }
}
