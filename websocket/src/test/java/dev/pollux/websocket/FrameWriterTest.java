package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// RFC 6455 §5.2, §5.5.1, §7.4.
class FrameWriterTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 65_535, 65_536, 1 << 20})
  void headersAreMinimal(int length) {
    byte[] byHand = Wire.client().frame(0xC2, new byte[length]).bytes();
    byte[] written = new byte[3 + FrameWriter.MAX_HEADER_BYTES];
    MemorySegment target = MemorySegment.ofArray(written);
    int bytes = FrameWriter.writeHeader(target, 3, Opcode.BINARY, true, 4, length, Wire.KEY);
    assertEquals(byHand.length - length, bytes);
    assertEquals(FrameWriter.headerBytes(length, true), bytes);
    assertArrayEquals(Arrays.copyOf(byHand, bytes), Arrays.copyOfRange(written, 3, 3 + bytes));

    byHand = Wire.server().frame(0x01, new byte[length]).bytes();
    bytes = FrameWriter.writeHeader(target, 3, Opcode.TEXT, false, 0, length);
    assertEquals(byHand.length - length, bytes);
    assertEquals(FrameWriter.headerBytes(length, false), bytes);
    assertArrayEquals(Arrays.copyOf(byHand, bytes), Arrays.copyOfRange(written, 3, 3 + bytes));
  }

  @Test
  void aFrameThatNobodyMaySendIsRefused() {
    assertRefused(3, true, 0, 0);
    assertRefused(11, true, 0, 0);
    assertRefused(16, true, 0, 0);
    assertRefused(Opcode.PING, false, 0, 0);
    assertRefused(Opcode.PING, true, 0, 126);
    assertRefused(Opcode.TEXT, true, 8, 0);
    assertRefused(Opcode.TEXT, true, 0, -1);
  }

  private static void assertRefused(int opcode, boolean fin, int rsv, int length) {
    MemorySegment target = MemorySegment.ofArray(new byte[FrameWriter.MAX_HEADER_BYTES]);
    assertThrows(
        IllegalArgumentException.class,
        () -> FrameWriter.writeHeader(target, 0, opcode, fin, rsv, length));
    assertThrows(
        IllegalArgumentException.class,
        () -> FrameWriter.writeHeader(target, 0, opcode, fin, rsv, length, Wire.KEY));
  }

  private static byte[] close(int code, String reason) {
    MemorySegment target = MemorySegment.ofArray(new byte[1 + FrameWriter.MAX_CONTROL_BYTES]);
    int bytes = FrameWriter.writeClose(target, 1, code, reason);
    return target.asSlice(1, bytes).toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void aCloseHasItsCodeAndReason() {
    assertArrayEquals(new byte[] {0x03, (byte) 0xE8}, close(1000, ""));
    assertArrayEquals(new byte[] {0x13, (byte) 0x87, 'h', 'i'}, close(4999, "hi"));
  }

  @Test
  void aLongReasonIsCutBetweenCharacters() {
    assertEquals(125, close(1000, "x".repeat(123)).length);
    assertEquals(125, close(1000, "x".repeat(500)).length);
    assertEquals(2 + 122, close(1000, "é".repeat(100)).length);
    assertEquals(2 + 122, close(1000, "xx" + "👋".repeat(100)).length);
    byte[] cut = close(1000, "x" + "안".repeat(100));
    assertEquals(
        "x" + "안".repeat(40),
        new String(cut, 2, cut.length - 2, java.nio.charset.StandardCharsets.UTF_8));
  }

  @Test
  void halfASurrogatePairStillMakesAValidReason() {
    assertArrayEquals(new byte[] {0x03, (byte) 0xE8, '?'}, close(1000, "\uD83D"));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_536 + 1000})
  void aCodeThatMustNotBeSentIsRefused(int code) {
    assertThrows(IllegalArgumentException.class, () -> close(code, ""));
  }

  @Test
  void opcodesHaveNames() {
    assertEquals("continuation", Opcode.name(0));
    assertEquals("text", Opcode.name(Opcode.TEXT));
    assertEquals("pong", Opcode.name(Opcode.PONG));
    assertEquals("reserved opcode 7", Opcode.name(7));
  }
}
