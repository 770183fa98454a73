package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Messages in parts: however the bytes are cut, the parts together are the message, and each part
/// of a text is text.
class StreamingTest {

  /// Joins the parts of a message again: `parts text Hello`.
  private static final class Parts extends Recorder implements PartSink {
    private final StringBuilder sofar = new StringBuilder();
    int most;

    @Override
    public boolean onPart(
        boolean text, MemorySegment buffer, int offset, int length, boolean last) {
      byte[] bytes = copy(buffer, offset, length);
      most = Math.max(most, length);
      String part = text ? new String(bytes, StandardCharsets.UTF_8) : hex(bytes);
      if (part.indexOf('\uFFFD') >= 0) {
        throw new AssertionError("a part was cut inside a character: " + hex(bytes));
      }
      if (length == 0 && !last) {
        throw new AssertionError("an empty part that is not the last");
      }
      sofar.append(part);
      if (last) {
        events.add("parts " + (text ? "text " : "binary ") + sofar);
        sofar.setLength(0);
      }
      return true;
    }
  }

  private static List<String> feed(byte[] input, int pieceBytes, int wholeUpToBytes) {
    var sink = new Parts();
    var buffers = new LentBuffers();
    var limits = WebSocketLimits.DEFAULT;
    var assembler = new StreamingAssembler(limits, buffers, sink, wholeUpToBytes);
    var parser = new FrameParser(true, limits);
    for (int at = 0; at < input.length; at += pieceBytes) {
      int length = Math.min(pieceBytes, input.length - at);
      byte[] piece = java.util.Arrays.copyOfRange(input, at, at + length);
      try {
        parser.parse(MemorySegment.ofArray(piece), 0, length, assembler);
      } catch (ProtocolViolation e) {
        sink.events.add("violation " + e.rule());
        break;
      }
    }
    assembler.discard();
    assertEquals(0, buffers.outstanding());
    return sink.events;
  }

  private static void assertInEveryPiece(List<String> expected, Wire wire, int wholeUpToBytes) {
    byte[] input = wire.bytes();
    for (int piece = 1; piece <= input.length; piece++) {
      assertEquals(
          expected, feed(input, piece, wholeUpToBytes), "in pieces of " + piece + " bytes");
    }
  }

  @Test
  void aTextInFragmentsWithPingsBetween() {
    Wire wire =
        Wire.client()
            .fragment(Opcode.TEXT, "grüße €")
            .whole(Opcode.PING, "p")
            .fragment(Opcode.CONTINUATION, "")
            .fragment(Opcode.CONTINUATION, "𝄞 clef")
            .whole(Opcode.CONTINUATION, " 한글")
            .whole(Opcode.TEXT, "ok")
            .whole(Opcode.BINARY, "12345");
    assertInEveryPiece(
        List.of("ping 70", "parts text grüße €𝄞 clef 한글", "text ok", "parts binary 3132333435"),
        wire,
        4);
  }

  @Test
  void charactersCutBetweenFragments() {
    byte[] clef = Wire.utf8("a𝄞€b");
    var wire = Wire.client();
    for (int i = 0; i < clef.length; i++) {
      wire.frame(
          (i == 0 ? Opcode.TEXT : 0) | (i == clef.length - 1 ? 0x80 : 0), new byte[] {clef[i]});
    }
    assertInEveryPiece(List.of("parts text a𝄞€b"), wire, 0);
    assertInEveryPiece(List.of("parts text a𝄞€b"), wire, 3);
    assertInEveryPiece(List.of("text a𝄞€b"), wire, 100);
  }

  @Test
  void theLastFrameMayBeEmpty() {
    Wire wire = Wire.client().fragment(Opcode.TEXT, "long text").whole(Opcode.CONTINUATION, "");
    assertInEveryPiece(List.of("parts text long text"), wire, 4);
    assertInEveryPiece(List.of("text "), Wire.client().fragment(Opcode.TEXT, "").whole(0, ""), 0);
  }

  @Test
  void aTextThatEndsInsideACharacterIsNotUtf8() {
    byte[] cut = HexFormat.of().parseHex("616161616161e282");
    Wire wire = Wire.client().frame(0x80 | Opcode.TEXT, cut);
    assertInEveryPiece(List.of("violation TEXT_IS_UTF8"), wire, 4);
    Wire later = Wire.client().frame(Opcode.TEXT, cut).frame(0x80, new byte[0]);
    assertInEveryPiece(List.of("violation TEXT_IS_UTF8"), later, 4);
  }

  @Test
  void moreThanAMessageMayHold() {
    var wire = Wire.client().frame(Opcode.BINARY, new byte[1 << 19]);
    for (int i = 0; i < 1500; i++) {
      wire.frame(0, new byte[0]);
    }
    wire.frame(0, new byte[1 << 20]).frame(0x80, new byte[1 << 20]);
    List<String> events = feed(wire.bytes(), 65_536, 65_536);
    assertEquals(1, events.size());
    assertEquals(
        "parts binary ".length() + 2 * ((1 << 19) + (2 << 20)), events.getFirst().length());
  }

  @Test
  void aFrameIsStillBoundByItsLimit() {
    Wire wire = Wire.client().raw("82ff0000000000100001 00000000");
    assertEquals(List.of("violation FRAME_IS_WITHIN_LIMIT"), feed(wire.bytes(), 100, 0));
  }

  @Test
  void aSinkThatSaysStopIsToldNoMore() throws Exception {
    var told = new ArrayList<Integer>();
    var sink =
        new PartRecorder() {
          @Override
          public boolean onPart(
              boolean text, MemorySegment buffer, int offset, int length, boolean last) {
            told.add(length);
            return false;
          }
        };
    byte[] input =
        Wire.client().fragment(Opcode.BINARY, "12345").whole(0, "67").whole(1, "x").bytes();
    var parser = new FrameParser(true, WebSocketLimits.DEFAULT);
    var assembler = new StreamingAssembler(WebSocketLimits.DEFAULT, new LentBuffers(), sink, 0);
    parser.parse(MemorySegment.ofArray(input), 0, input.length, assembler);
    assertEquals(List.of(5), told);
    assertEquals(List.of(), sink.events);
    assertEquals(true, parser.isStopped());
  }

  private abstract static class PartRecorder extends Recorder implements PartSink {}

  @Test
  void randomTextInRandomPiecesIsTheSameText() {
    long seed = System.nanoTime();
    System.out.println("StreamingTest seed " + seed);
    var random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(1, 200); i > 0; i--) {
        text.appendCodePoint(
            new int[] {'a', 0xE9, 0x20AC, 0x1D11E, 0x7FF, 0xFFFD + 1}[random.nextInt(6)]);
      }
      byte[] payload = Wire.utf8(text.toString());
      var wire = Wire.client();
      int at = 0;
      while (at < payload.length) {
        int length = Math.min(random.nextInt(1, 40), payload.length - at);
        boolean fin = at + length == payload.length;
        wire.frame(
            (at == 0 ? Opcode.TEXT : 0) | (fin ? 0x80 : 0),
            java.util.Arrays.copyOfRange(payload, at, at + length));
        at += length;
      }
      List<String> events = feed(wire.bytes(), random.nextInt(1, 50), 0);
      assertEquals(List.of("parts text " + text), events, "seed " + seed);
    }
  }

  @Test
  void whatComesWholeMustFitAMessage() {
    var buffers = new LentBuffers();
    assertThrows(
        IllegalArgumentException.class,
        () -> new StreamingAssembler(WebSocketLimits.DEFAULT, buffers, new Parts(), (1 << 20) + 1));
  }
}
