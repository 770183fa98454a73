package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// RFC 6455 §5.4.
class FragmentationTest {
  @Test
  void fragmentsAreOneMessage() {
    assertEquals(
        List.of("text abcdef", "binary 78"),
        Wire.client()
            .fragment(Opcode.TEXT, "ab")
            .fragment(Opcode.CONTINUATION, "cd")
            .whole(Opcode.CONTINUATION, "ef")
            .whole(Opcode.BINARY, "x")
            .events());
  }

  @Test
  void anyFragmentMayBeEmpty() {
    assertEquals(
        List.of("text mid", "text ", "binary 0e0d", "text start"),
        Wire.client()
            .fragment(Opcode.TEXT, "")
            .fragment(Opcode.CONTINUATION, "mid")
            .whole(Opcode.CONTINUATION, "")
            .fragment(Opcode.TEXT, "")
            .whole(Opcode.CONTINUATION, "")
            .fragment(Opcode.BINARY, "")
            .whole(Opcode.CONTINUATION, new byte[] {0x0E, (byte) 0x0D})
            .fragment(Opcode.TEXT, "start")
            .whole(Opcode.CONTINUATION, "")
            .events());
  }

  @Test
  void controlFramesMayComeBetweenFragments() {
    assertEquals(
        List.of("ping 31", "pong 32", "text abc", "close 1000 "),
        Wire.client()
            .fragment(Opcode.TEXT, "a")
            .whole(Opcode.PING, "1")
            .fragment(Opcode.CONTINUATION, "b")
            .whole(Opcode.PONG, "2")
            .whole(Opcode.CONTINUATION, "c")
            .whole(Opcode.CLOSE, new byte[] {0x03, (byte) 0xE8})
            .events());
  }

  @Test
  void aCloseBetweenFragmentsEndsTheMessage() {
    assertEquals(
        List.of("close 1005 "),
        Wire.client()
            .fragment(Opcode.TEXT, "a")
            .whole(Opcode.CLOSE, "")
            .whole(Opcode.CONTINUATION, "b")
            .events()
            .stream()
            .filter(event -> !event.equals("incomplete"))
            .toList());
  }

  @Test
  void aContinuationOfNothingIsAViolation() {
    List<String> expected = List.of("violation CONTINUATION_HAS_BEGINNING 1002");
    assertEquals(expected, Wire.client().whole(Opcode.CONTINUATION, "x").events());
    assertEquals(expected, Wire.client().fragment(Opcode.CONTINUATION, "").events());
    assertEquals(
        List.of("text ab", "violation CONTINUATION_HAS_BEGINNING 1002"),
        Wire.server()
            .fragment(Opcode.TEXT, "a")
            .whole(Opcode.CONTINUATION, "b")
            .whole(Opcode.CONTINUATION, "c")
            .events());
  }

  @Test
  void aSecondMessageInsideTheFirstIsAViolation() {
    for (int opcode : new int[] {Opcode.TEXT, Opcode.BINARY}) {
      List<String> events = Wire.client().fragment(Opcode.TEXT, "a").whole(opcode, "b").events();
      assertEquals("violation MESSAGES_ARE_NOT_INTERLEAVED 1002", events.getFirst());
      events = Wire.client().fragment(Opcode.BINARY, "").fragment(opcode, "b").events();
      assertEquals("violation MESSAGES_ARE_NOT_INTERLEAVED 1002", events.getFirst());
    }
  }

  @Test
  void aMessageThatArrivedWholeIsNotCopied() throws Exception {
    LentBuffers buffers = new LentBuffers();
    List<String> places = new ArrayList<>();
    byte[] input =
        Wire.client()
            .whole(Opcode.TEXT, "first")
            .fragment(Opcode.BINARY, "")
            .whole(Opcode.CONTINUATION, "second")
            .whole(Opcode.PING, "third")
            .bytes();
    MemorySegment buffer = Arena.ofAuto().allocate(input.length);
    MemorySegment.copy(input, 0, buffer, ValueLayout.JAVA_BYTE, 0, input.length);
    Recorder sink =
        new Recorder() {
          @Override
          public boolean onMessage(boolean text, MemorySegment in, int offset, int length) {
            places.add(in.equals(buffer) + " " + offset + " " + length);
            return super.onMessage(text, in, offset, length);
          }

          @Override
          public boolean onPing(MemorySegment in, int offset, int length) {
            places.add(in.equals(buffer) + " " + offset + " " + length);
            return super.onPing(in, offset, length);
          }
        };
    MessageAssembler assembler = new MessageAssembler(WebSocketLimits.DEFAULT, buffers, sink);
    new FrameParser(true, WebSocketLimits.DEFAULT).parse(buffer, 0, input.length, assembler);
    assertEquals(List.of("true 6 5", "true 23 6", "true 35 5"), places);
    assertEquals(List.of(), buffers.asked);
  }

  @Test
  void aClaimedLengthAloneCommitsAtMost1KiB() throws Exception {
    LentBuffers buffers = new LentBuffers();
    Recorder sink = new Recorder();
    MessageAssembler assembler = new MessageAssembler(WebSocketLimits.DEFAULT, buffers, sink);
    FrameParser parser = new FrameParser(false, WebSocketLimits.DEFAULT);
    byte[] input = Wire.server().whole(Opcode.BINARY, Wire.filled(1 << 20)).bytes();
    MemorySegment buffer = MemorySegment.ofArray(input);
    parser.parse(buffer, 0, 10, assembler);
    assertEquals(List.of(), buffers.asked);
    parser.parse(buffer, 10, 1, assembler);
    assertEquals(List.of(1024), buffers.asked);
    for (int at = 11; at < input.length; at += 1000) {
      parser.parse(buffer, at, Math.min(1000, input.length - at), assembler);
    }
    List<Integer> doubled = IntStream.rangeClosed(10, 20).mapToObj(bits -> 1 << bits).toList();
    assertEquals(doubled, buffers.asked);
    assertEquals(0, buffers.outstanding());
    assertEquals(List.of("binary " + Recorder.hex(Wire.filled(1 << 20))), sink.events);
  }

  @Test
  void theBufferGoesBackEvenIfTheSinkThrows() throws Exception {
    LentBuffers buffers = new LentBuffers();
    Recorder sink =
        new Recorder() {
          @Override
          public boolean onMessage(boolean text, MemorySegment in, int offset, int length) {
            throw new IllegalStateException("of the sink");
          }
        };
    MessageAssembler assembler = new MessageAssembler(WebSocketLimits.DEFAULT, buffers, sink);
    assembler.onFrameStart(Opcode.BINARY, true, 0, 2);
    MemorySegment one = MemorySegment.ofArray(new byte[1]);
    assembler.onPayload(one, 0, 1);
    assertTrue(assembler.isInsideMessage());
    assembler.onPayload(one, 0, 1);
    assertEquals(1, buffers.outstanding());
    assertThrows(IllegalStateException.class, assembler::onFrameEnd);
    assertEquals(0, buffers.outstanding());
    assertFalse(assembler.isInsideMessage());
  }

  @Test
  void discardFromWithinTheSinkGivesNothingBackTwice() throws Exception {
    LentBuffers buffers = new LentBuffers();
    List<MessageAssembler> self = new ArrayList<>();
    Recorder sink =
        new Recorder() {
          @Override
          public boolean onMessage(boolean text, MemorySegment in, int offset, int length) {
            self.getFirst().discard();
            super.onMessage(text, in, offset, length);
            return false;
          }
        };
    MessageAssembler assembler = new MessageAssembler(WebSocketLimits.DEFAULT, buffers, sink);
    self.add(assembler);
    byte[] input = Wire.server().fragment(Opcode.TEXT, "a").whole(0, "b").raw("ff").bytes();
    new FrameParser(false, WebSocketLimits.DEFAULT)
        .parse(MemorySegment.ofArray(input), 0, input.length, assembler);
    assertEquals(List.of("text ab"), sink.events);
    assertEquals(0, buffers.outstanding());
    assembler.discard();
  }
}
