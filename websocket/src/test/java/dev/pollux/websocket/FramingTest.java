package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// RFC 6455 §5.2, §5.7.
class FramingTest {
  @Test
  void theExamplesOfTheRfcAreRead() {
    assertEquals(List.of("text Hello"), Wire.server().raw("81 05 48 65 6c 6c 6f").events());
    assertEquals(
        List.of("text Hello"), Wire.client().raw("81 85 37 fa 21 3d 7f 9f 4d 51 58").events());
    assertEquals(List.of("text Hello"), Wire.server().raw("01 03 48 65 6c 80 02 6c 6f").events());
    assertEquals(List.of("ping 48656c6c6f"), Wire.server().raw("89 05 48 65 6c 6c 6f").events());
    assertEquals(
        List.of("pong 48656c6c6f"), Wire.client().raw("8a 85 37 fa 21 3d 7f 9f 4d 51 58").events());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 124, 125, 126, 127, 128, 65_534, 65_535, 65_536, 65_537})
  void everyFormOfLengthIsRead(int length) {
    byte[] payload = Wire.filled(length);
    List<String> expected = List.of("binary " + Recorder.hex(payload), "text after");
    assertEquals(
        expected, Wire.client().whole(Opcode.BINARY, payload).whole(Opcode.TEXT, "after").events());
    assertEquals(
        expected, Wire.server().whole(Opcode.BINARY, payload).whole(Opcode.TEXT, "after").events());
  }

  @Test
  void manyFramesInOneBufferAreAllRead() {
    Wire wire = Wire.client();
    for (int i = 0; i < 5; i++) {
      wire.whole(Opcode.TEXT, "m" + i);
    }
    assertEquals(List.of("text m0", "text m1", "text m2", "text m3", "text m4"), wire.events());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
  void rsvBitsWithoutAnExtensionAreAViolation(int rsv) {
    for (int opcode : new int[] {Opcode.TEXT, Opcode.BINARY, Opcode.PING, Opcode.CLOSE}) {
      assertEquals(
          List.of("violation RSV_BITS_ARE_ZERO 1002"),
          Wire.client().frame(0x80 | rsv << 4 | opcode, new byte[0]).events());
    }
  }

  @Test
  void anAllowedRsvBitIsForTheFirstFrameOfAMessageOnly() {
    byte[] payload = Wire.utf8("x");
    assertEquals(List.of("text x"), Wire.client().allowRsv(4).frame(0xC1, payload).events());
    assertEquals(
        List.of("violation RSV_BITS_ARE_ZERO 1002"),
        Wire.client().allowRsv(4).frame(0xA1, payload).events());
    assertEquals(
        List.of("violation RSV_BITS_ARE_ZERO 1002"),
        Wire.client().allowRsv(4).frame(0xC9, payload).events());
    assertEquals(
        List.of("violation RSV_BITS_ARE_ZERO 1002", "incomplete"),
        Wire.client().allowRsv(4).frame(0x41, payload).frame(0xC0, payload).events());
    assertThrows(
        IllegalArgumentException.class,
        () -> new FrameParser(true, WebSocketLimits.DEFAULT).allowRsv(8));
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
  void aReservedOpcodeIsAViolation(int opcode) {
    List<String> expected = List.of("text before", "violation OPCODE_IS_DEFINED 1002");
    assertEquals(
        expected,
        Wire.client()
            .whole(Opcode.TEXT, "before")
            .whole(opcode, "x")
            .whole(Opcode.TEXT, "never")
            .events());
    assertEquals(
        expected,
        Wire.server().whole(Opcode.TEXT, "before").fragment(opcode, "").raw("8100").events());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "82 7e 0000",
        "82 7e 007d",
        "82 7f 0000000000000000",
        "82 7f 000000000000007d",
        "82 7f 000000000000ffff"
      })
  void aLengthThatIsNotMinimalIsAViolation(String hex) {
    assertEquals(List.of("violation LENGTH_IS_MINIMAL 1002"), Wire.server().raw(hex).events());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"82 7f 8000000000000000", "82 7f ffffffffffffffff", "82 7f 8000000000010000"})
  void a64BitLengthWithTheHighBitIsAViolation(String hex) {
    assertEquals(List.of("violation LENGTH_IS_POSITIVE 1002"), Wire.server().raw(hex).events());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"90", "83", "09", "81 05", "89 fe", "82 ff 80", "82 fe 0001", "88 81 01020304"})
  void aViolationIsNoticedAtTheByteThatMakesIt(String hex) {
    List<String> events = Wire.client().raw(hex).events();
    assertEquals(1, events.size());
    assertTrue(events.getFirst().startsWith("violation"), events.toString());
  }

  @Test
  void aMessageNamesValueAndSection() throws Exception {
    FrameParser parser = new FrameParser(true, WebSocketLimits.DEFAULT);
    MemorySegment input = MemorySegment.ofArray(new byte[] {(byte) 0x8B});
    ProtocolViolation violation =
        assertThrows(ProtocolViolation.class, () -> parser.parse(input, 0, 1, new Frames()));
    assertEquals("a frame has the reserved opcode 11 (RFC 6455 §5.2)", violation.getMessage());
    assertEquals(0, violation.getStackTrace().length);
    assertTrue(parser.isStopped());
    parser.parse(input, 0, 1, new Frames());
  }

  @Test
  void aSinkThatSaysStopIsToldNothingMore() throws Exception {
    Frames sink = new Frames();
    sink.goOn = false;
    FrameParser parser = new FrameParser(false, WebSocketLimits.DEFAULT);
    byte[] input = Wire.server().whole(Opcode.TEXT, "one").whole(Opcode.TEXT, "two").bytes();
    parser.parse(MemorySegment.ofArray(input), 0, input.length, sink);
    parser.parse(MemorySegment.ofArray(input), 0, input.length, sink);
    assertEquals("start 1 true 0 3;payload 3;end;", sink.seen.toString());
    assertTrue(parser.isStopped());
    assertFalse(parser.isInsideFrame());
  }

  @Test
  void aSinkThatThrowsStopsTheParser() throws Exception {
    Frames sink = new Frames();
    sink.thrown = new IllegalStateException("of the sink");
    FrameParser parser = new FrameParser(false, WebSocketLimits.DEFAULT);
    byte[] input = Wire.server().whole(Opcode.TEXT, "one").bytes();
    MemorySegment buffer = MemorySegment.ofArray(input);
    assertThrows(IllegalStateException.class, () -> parser.parse(buffer, 0, input.length, sink));
    parser.parse(buffer, 0, input.length, sink);
    assertEquals("start 1 true 0 3;payload 3;", sink.seen.toString());
  }

  @Test
  void anEmptyFrameHasNoPayloadCallAndASplitOneSeveral() throws Exception {
    Frames sink = new Frames();
    FrameParser parser = new FrameParser(false, WebSocketLimits.DEFAULT);
    byte[] input = Wire.server().fragment(Opcode.BINARY, "").whole(0, "abcdef").bytes();
    MemorySegment buffer = MemorySegment.ofArray(input);
    parser.parse(buffer, 0, 6, sink);
    assertTrue(parser.isInsideFrame());
    parser.parse(buffer, 6, 0, sink);
    parser.parse(buffer, 6, 4, sink);
    assertEquals(
        "start 2 false 0 0;end;start 0 true 0 6;payload 2;payload 4;end;", sink.seen.toString());
    assertThrows(IndexOutOfBoundsException.class, () -> parser.parse(buffer, 8, 9, sink));
  }

  @Test
  void aFrameThatIsThereWholeIsToldByOneCallAndIsNotRemembered() throws Exception {
    Frames sink = new Frames();
    sink.wholeFrames = true;
    FrameParser parser = new FrameParser(true, WebSocketLimits.DEFAULT);
    byte[] input =
        Wire.client().fragment(Opcode.TEXT, "one").whole(Opcode.PING, "").whole(0, "x").bytes();
    parser.parse(MemorySegment.ofArray(input), 0, input.length, sink);
    assertEquals("whole 1 false 0 3;whole 9 true 0 0;whole 0 true 0 1;", sink.seen.toString());

    // One byte is missing: it is remembered after all.
    sink.seen.setLength(0);
    byte[] cut = Wire.client().whole(Opcode.BINARY, "cut").whole(Opcode.TEXT, "ab").bytes();
    MemorySegment buffer = MemorySegment.ofArray(cut);
    parser.parse(buffer, 0, cut.length - 1, sink);
    assertTrue(parser.isInsideFrame());
    parser.parse(buffer, cut.length - 1, 1, sink);
    assertEquals(
        "whole 2 true 0 3;start 1 true 0 2;payload 1;payload 1;end;", sink.seen.toString());
  }

  @Test
  void aSinkThatSaysStopToAWholeFrameIsToldNothingMore() throws Exception {
    Frames sink = new Frames();
    sink.wholeFrames = true;
    sink.goOn = false;
    FrameParser parser = new FrameParser(true, WebSocketLimits.DEFAULT);
    byte[] input = Wire.client().whole(Opcode.TEXT, "one").whole(Opcode.TEXT, "two").bytes();
    parser.parse(MemorySegment.ofArray(input), 0, input.length, sink);
    assertEquals("whole 1 true 0 3;", sink.seen.toString());
    assertTrue(parser.isStopped());
  }

  /// Writes frame events down.
  private static final class Frames implements FrameSink {
    final StringBuilder seen = new StringBuilder();
    boolean goOn = true;
    boolean wholeFrames;
    @Nullable RuntimeException thrown;

    @Override
    public void onFrameStart(int opcode, boolean fin, int rsv, long payloadLength) {
      seen.append(String.format("start %d %b %d %d;", opcode, fin, rsv, payloadLength));
    }

    @Override
    public void onPayload(MemorySegment buffer, int offset, int length) {
      seen.append("payload ").append(length).append(';');
      if (thrown != null) {
        throw thrown;
      }
    }

    @Override
    public boolean onFrameEnd() {
      seen.append("end;");
      return goOn;
    }

    @Override
    public boolean onWholeFrame(
        int opcode, boolean fin, int rsv, MemorySegment buffer, int offset, int length)
        throws ProtocolViolation {
      if (!wholeFrames) {
        return FrameSink.super.onWholeFrame(opcode, fin, rsv, buffer, offset, length);
      }
      seen.append(String.format("whole %d %b %d %d;", opcode, fin, rsv, length));
      return goOn;
    }
  }
}
