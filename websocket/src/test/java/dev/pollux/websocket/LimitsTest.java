package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// RFC 6455 §10.4.
class LimitsTest {
  private static final WebSocketLimits SMALL =
      WebSocketLimits.DEFAULT.withMaxFrameBytes(200).withMaxMessageBytes(300).withMaxFragments(3);

  @Test
  void aFrameAtTheLimitIsTakenAndOneByteMoreIsNot() {
    byte[] most = Wire.filled(200);
    assertEquals(
        List.of("binary " + Recorder.hex(most), "violation FRAME_IS_WITHIN_LIMIT 1009"),
        Wire.client()
            .within(SMALL)
            .whole(Opcode.BINARY, most)
            .whole(Opcode.BINARY, new byte[201])
            .events());
  }

  @Test
  void aLongFrameIsRefusedAtItsLength() {
    assertEquals(
        List.of("violation FRAME_IS_WITHIN_LIMIT 1009"),
        Wire.client().within(SMALL).raw("82 fe 00c9").events());
    assertEquals(
        List.of("violation FRAME_IS_WITHIN_LIMIT 1009"),
        Wire.client().raw("82 ff 7fffffffffffffff").events());
    assertEquals(
        List.of("violation FRAME_IS_WITHIN_LIMIT 1009"),
        Wire.server().raw("82 7f 0000000000100001").events());
  }

  @Test
  void aMessageAtTheLimitIsTakenAndOneByteMoreIsNot() {
    byte[] half = Wire.filled(150);
    assertEquals(
        List.of("binary " + Recorder.hex(half).repeat(2)),
        Wire.client()
            .within(SMALL)
            .frame(Opcode.BINARY, half)
            .whole(Opcode.CONTINUATION, half)
            .events());
    assertEquals(
        List.of("violation MESSAGE_IS_WITHIN_LIMIT 1009", "incomplete"),
        Wire.client()
            .within(SMALL)
            .frame(Opcode.BINARY, half)
            // Only the header: the sum is known before the bytes are there.
            .raw("80 fe 0097 00000000")
            .events());
  }

  @Test
  void aMessageMayBeSmallerThanAFrame() {
    assertEquals(
        "violation MESSAGE_IS_WITHIN_LIMIT 1009",
        Wire.client()
            .within(SMALL.withMaxMessageBytes(5))
            .whole(Opcode.TEXT, "123456")
            .events()
            .getFirst());
  }

  @Test
  void fragmentsAreCountedEmptyOnesToo() {
    assertEquals(
        List.of("text ", "text "),
        Wire.client()
            .within(SMALL)
            .fragment(Opcode.TEXT, "")
            .fragment(Opcode.CONTINUATION, "")
            .whole(Opcode.PING, "")
            .whole(Opcode.CONTINUATION, "")
            .whole(Opcode.TEXT, "")
            .events()
            .stream()
            .filter(event -> !event.startsWith("ping"))
            .toList());
    assertEquals(
        List.of("violation FRAGMENTS_ARE_WITHIN_LIMIT 1008", "incomplete"),
        Wire.client()
            .within(SMALL)
            .fragment(Opcode.TEXT, "")
            .fragment(Opcode.CONTINUATION, "")
            .fragment(Opcode.CONTINUATION, "")
            .whole(Opcode.CONTINUATION, "")
            .events());
  }

  @Test
  void aLimitThatMakesNoSenseIsRefusedByName() {
    assertRefused("maxFrameBytes is 124", () -> SMALL.withMaxFrameBytes(124));
    assertRefused("maxMessageBytes is 0", () -> SMALL.withMaxMessageBytes(0));
    assertRefused("maxFragments is -1", () -> SMALL.withMaxFragments(-1));
    assertRefused("maxHandshakeBytes is 10", () -> SMALL.withMaxHandshakeBytes(10));
    assertRefused("maxHeaders is 0", () -> SMALL.withMaxHeaders(0));
  }

  private static void assertRefused(String start, Executable change) {
    String message =
        String.valueOf(assertThrows(IllegalArgumentException.class, change).getMessage());
    assertEquals(start, message.substring(0, Math.min(start.length(), message.length())));
  }
}
