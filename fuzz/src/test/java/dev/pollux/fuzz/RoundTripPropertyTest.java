package dev.pollux.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pollux.websocket.CompressionOptions;
import dev.pollux.websocket.DeflateParameters;
import dev.pollux.websocket.DeflateStreams;
import dev.pollux.websocket.FrameParser;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.Masking;
import dev.pollux.websocket.MemoryAccount;
import dev.pollux.websocket.MessageAssembler;
import dev.pollux.websocket.Opcode;
import dev.pollux.websocket.PerMessageDeflate;
import dev.pollux.websocket.StreamingAssembler;
import dev.pollux.websocket.WebSocketLimits;
import dev.pollux.zlib.Zlib;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/// What one side writes, the other side reads: any messages in any fragments, with any control
/// frames in between, cut anywhere on their way, compressed or not, read whole or in parts.
class RoundTripPropertyTest {
  private static final WebSocketLimits LIMITS = WebSocketLimits.defaults();

  /// A message and how it goes on the wire.
  ///
  /// @param content text, or of a binary message the bytes as ISO 8859-1
  /// @param fragmentBytes the length of each fragment but the last
  /// @param ping what a ping behind each fragment carries, or null for no ping
  record Sent(boolean text, String content, int fragmentBytes, @Nullable String ping) {
    byte[] payload() {
      return content.getBytes(text ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    }

    /// What is told when it was read.
    String event() {
      return (text ? "text " : "binary ") + HexFormat.of().formatHex(payload());
    }
  }

  @Provide
  Arbitrary<List<Sent>> messages() {
    Arbitrary<String> text =
        Arbitraries.strings().all().ofMaxLength(300).map(RoundTripPropertyTest::paired);
    Arbitrary<String> binary =
        Arbitraries.strings().withCharRange('\0', '\u00FF').ofMaxLength(1000);
    Arbitrary<Integer> fragment = Arbitraries.integers().between(1, 400);
    Arbitrary<String> ping =
        Arbitraries.strings().withCharRange('a', 'z').ofMaxLength(125).injectNull(0.6);
    Arbitrary<Sent> texts =
        Combinators.combine(text, fragment, ping)
            .as((it, bytes, p) -> new Sent(true, it, bytes, p));
    Arbitrary<Sent> binaries =
        Combinators.combine(binary, fragment, ping)
            .as((it, bytes, p) -> new Sent(false, it, bytes, p));
    return Arbitraries.oneOf(texts, binaries).list().ofMaxSize(6);
  }

  private static String paired(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  @Property(tries = 300)
  void plain(
      @ForAll("messages") List<Sent> messages,
      @ForAll boolean fromClient,
      @ForAll int maskingKey,
      @ForAll @IntRange(min = 1, max = 3000) int pieceBytes) {
    List<String> expected = new ArrayList<>();
    byte[] wire = plainWire(messages, expected, fromClient, maskingKey);
    try (Arena arena = Arena.ofConfined()) {
      var reading = new Reading(arena);
      var assembler = new MessageAssembler(LIMITS, reading, reading);
      reading.parse(new FrameParser(fromClient, LIMITS), assembler, wire, pieceBytes);
      assertEquals(expected, reading.events);
      reading.requireAllGivenBack();
    }
  }

  @Property(tries = 300)
  void inParts(
      @ForAll("messages") List<Sent> messages,
      @ForAll boolean fromClient,
      @ForAll @IntRange(min = 0, max = 500) int wholeUpToBytes,
      @ForAll @IntRange(min = 1, max = 3000) int pieceBytes) {
    List<String> expected = new ArrayList<>();
    byte[] wire = plainWire(messages, expected, fromClient, 0x01020304);
    try (Arena arena = Arena.ofConfined()) {
      var reading = new Reading(arena);
      var assembler = new StreamingAssembler(LIMITS, reading, reading, wholeUpToBytes);
      reading.parse(new FrameParser(fromClient, LIMITS), assembler, wire, pieceBytes);
      assertEquals(expected, reading.events);
      reading.requireAllGivenBack();
    }
  }

  @Property(tries = 200)
  void compressed(
      @ForAll("messages") List<Sent> messages,
      @ForAll boolean fromClient,
      @ForAll boolean takeover,
      @ForAll @IntRange(min = 9, max = 15) int windowBits,
      @ForAll @IntRange(min = 1, max = 3000) int pieceBytes) {
    var parameters = new DeflateParameters(!takeover, !takeover, windowBits, windowBits);
    try (Arena arena = Arena.ofConfined();
        var streams =
            new DeflateStreams(
                Zlib.compression(), CompressionOptions.DEFAULT, MemoryAccount.UNLIMITED)) {
      var written = new Reading(arena);
      var writer = deflate(streams, parameters, fromClient, written);
      List<String> expected = new ArrayList<>();
      var wire = new ByteArrayOutputStream();
      for (Sent sent : messages) {
        writeCompressed(wire, expected, arena, writer, written, sent, fromClient);
      }
      writer.discard();
      written.requireAllGivenBack();
      var reading = new Reading(arena);
      var reader = deflate(streams, parameters, !fromClient, reading);
      var parser = new FrameParser(fromClient, LIMITS);
      parser.allowRsv(PerMessageDeflate.RSV1);
      reading.parse(parser, reader, wire.toByteArray(), pieceBytes);
      reader.discard();
      assertEquals(expected, reading.events);
      reading.requireAllGivenBack();
    }
  }

  private static PerMessageDeflate deflate(
      DeflateStreams streams, DeflateParameters parameters, boolean client, Reading reading) {
    var assembler = new MessageAssembler(LIMITS, reading, reading);
    return new PerMessageDeflate(streams, parameters, client, reading, assembler);
  }

  private static void writeCompressed(
      ByteArrayOutputStream wire,
      List<String> expected,
      Arena arena,
      PerMessageDeflate writer,
      Reading buffers,
      Sent sent,
      boolean fromClient) {
    byte[] payload = sent.payload();
    MemorySegment plain = arena.allocate(Math.max(1, payload.length));
    MemorySegment.copy(payload, 0, plain, ValueLayout.JAVA_BYTE, 0, payload.length);
    MemorySegment deflated = writer.deflate(plain, 0, payload.length);
    byte[] bytes =
        deflated == null
            ? payload
            : deflated.asSlice(0, writer.deflatedBytes()).toArray(ValueLayout.JAVA_BYTE);
    if (deflated != null) {
      buffers.giveBack(deflated);
    }
    int rsv = deflated == null ? 0 : PerMessageDeflate.RSV1;
    writeMessage(wire, expected, sent, bytes, rsv, fromClient, 0x0A0B0C0D);
  }

  private static byte[] plainWire(
      List<Sent> messages, List<String> expected, boolean masked, int maskingKey) {
    var wire = new ByteArrayOutputStream();
    for (Sent sent : messages) {
      writeMessage(wire, expected, sent, sent.payload(), 0, masked, maskingKey);
    }
    return wire.toByteArray();
  }

  private static void writeMessage(
      ByteArrayOutputStream wire,
      List<String> expected,
      Sent sent,
      byte[] payload,
      int rsv,
      boolean masked,
      int key) {
    int opcode = sent.text ? Opcode.TEXT : Opcode.BINARY;
    int at = 0;
    do {
      int length = Math.min(sent.fragmentBytes, payload.length - at);
      boolean fin = at + length == payload.length;
      byte[] part = java.util.Arrays.copyOfRange(payload, at, at + length);
      writeFrame(wire, at == 0 ? opcode : 0, fin, at == 0 ? rsv : 0, part, masked, key);
      if (fin) {
        expected.add(sent.event());
      }
      if (sent.ping != null) {
        byte[] ping = sent.ping.getBytes(StandardCharsets.US_ASCII);
        writeFrame(wire, Opcode.PING, true, 0, ping, masked, key);
        expected.add("ping " + HexFormat.of().formatHex(ping));
      }
      at += length;
    } while (at < payload.length);
  }

  private static void writeFrame(
      ByteArrayOutputStream wire,
      int opcode,
      boolean fin,
      int rsv,
      byte[] payload,
      boolean masked,
      int key) {
    byte[] frame = new byte[FrameWriter.MAX_HEADER_BYTES + payload.length];
    MemorySegment target = MemorySegment.ofArray(frame);
    int header =
        masked
            ? FrameWriter.writeHeader(target, 0, opcode, fin, rsv, payload.length, key)
            : FrameWriter.writeHeader(target, 0, opcode, fin, rsv, payload.length);
    System.arraycopy(payload, 0, frame, header, payload.length);
    if (masked) {
      Masking.mask(target, header, payload.length, key, 0);
    }
    wire.write(frame, 0, header + payload.length);
  }
}
