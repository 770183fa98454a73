package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/// RFC 6455 §5.1, §5.3.
class MaskingTest {
  private static byte[] slowMask(byte[] input, int offset, int length, int key, int position) {
    byte[] output = input.clone();
    for (int i = 0; i < length; i++) {
      int j = (position + i) % 4;
      output[offset + i] ^= (byte) (key >> (24 - 8 * j));
    }
    return output;
  }

  @Test
  void theSlowMaskAndTheFastOneAreTheSame() {
    byte[] plain = Wire.filled(420);
    MemorySegment buffer = Arena.ofAuto().allocate(plain.length);
    for (int offset = 0; offset <= 200; offset++) {
      for (int length = 0; length <= 200; length++) {
        for (int position = 0; position < 4; position++) {
          MemorySegment.copy(plain, 0, buffer, ValueLayout.JAVA_BYTE, 0, plain.length);
          Masking.mask(buffer, offset, length, Wire.KEY, position);
          byte[] expected = slowMask(plain, offset, length, Wire.KEY, position);
          if (buffer.mismatch(MemorySegment.ofArray(expected)) >= 0) {
            throw new AssertionError(
                "offset " + offset + ", length " + length + ", position " + position);
          }
        }
      }
    }
  }

  @Test
  void longPayloadsAndLatePositionsAreMaskedToo() {
    for (int length : new int[] {1023, 1024, 4095, 16_384, 65_541}) {
      byte[] plain = Wire.filled(length + 3);
      byte[] onHeap = plain.clone();
      Masking.mask(MemorySegment.ofArray(onHeap), 3, length, 0x8000_00FF, Integer.MAX_VALUE);
      assertArrayEquals(slowMask(plain, 3, length, 0x8000_00FF, 3), onHeap);
    }
  }

  @Test
  void theKeyIsTheBigEndianIntOfTheWire() {
    byte[] zeros = new byte[5];
    Masking.mask(MemorySegment.ofArray(zeros), 0, 5, 0x0102_0304, 0);
    assertArrayEquals(new byte[] {1, 2, 3, 4, 1}, zeros);
  }

  @Test
  void aClientThatDoesNotMaskBreaksARule() {
    assertEquals(
        List.of("text ok", "violation CLIENT_MASKS 1002"),
        Wire.client().whole(Opcode.TEXT, "ok").raw("81 05 48656c6c6f").events());
    assertEquals(List.of("violation CLIENT_MASKS 1002"), Wire.client().raw("89 00").events());
  }

  @Test
  void aServerThatMasksBreaksARule() {
    assertEquals(
        List.of("violation SERVER_DOES_NOT_MASK 1002"),
        Wire.server().raw("81 85 37fa213d 7f9f4d5158").events());
    assertEquals(
        List.of("violation SERVER_DOES_NOT_MASK 1002"), Wire.server().raw("8a 80").events());
  }

  @Test
  void theKeyZeroIsAKey() {
    assertEquals(List.of("text abc"), Wire.client().raw("81 83 00000000 616263").events());
  }
}
