package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/// RFC 6455 §5.5.
class ControlFramesTest {
  @Test
  void aControlFrameHas0To125Bytes() {
    for (int length : new int[] {0, 1, 2, 124, 125}) {
      byte[] payload = Wire.filled(length);
      assertEquals(
          List.of("ping " + Recorder.hex(payload), "pong " + Recorder.hex(payload)),
          Wire.client().whole(Opcode.PING, payload).whole(Opcode.PONG, payload).events());
    }
  }

  @Test
  void aLongControlFrameIsAViolation() {
    for (int opcode : new int[] {Opcode.CLOSE, Opcode.PING, Opcode.PONG}) {
      for (int length : new int[] {126, 127, 65_535, 65_536}) {
        assertEquals(
            List.of("violation CONTROL_IS_SHORT 1002"),
            Wire.server().whole(opcode, new byte[length]).events());
      }
    }
  }

  @Test
  void aFragmentedControlFrameIsAViolation() {
    for (int opcode : new int[] {Opcode.CLOSE, Opcode.PING, Opcode.PONG}) {
      assertEquals(
          List.of("violation CONTROL_IS_NOT_FRAGMENTED 1002"),
          Wire.client().fragment(opcode, "x").whole(Opcode.CONTINUATION, "y").events());
    }
  }

  @Test
  void aPongNobodyAskedForIsTaken() {
    assertEquals(
        List.of("pong ", "ping "),
        Wire.client().whole(Opcode.PONG, "").whole(Opcode.PING, "").events());
  }

  @Test
  void theMessageSinkCanStopTheParser() throws Exception {
    Recorder sink =
        new Recorder() {
          @Override
          public boolean onPing(MemorySegment buffer, int offset, int length) {
            super.onPing(buffer, offset, length);
            return false;
          }
        };
    byte[] input = Wire.server().whole(Opcode.PING, "").whole(Opcode.TEXT, "x").bytes();
    new FrameParser(false, WebSocketLimits.DEFAULT)
        .parse(
            MemorySegment.ofArray(input),
            0,
            input.length,
            new MessageAssembler(WebSocketLimits.DEFAULT, new LentBuffers(), sink));
    assertEquals(List.of("ping "), sink.events);
  }
}
