package dev.pollux.websocket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Masks and unmasks, which is the same (RFC 6455 §5.3).
public final class Masking {
  private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  private Masking() {}

  /// Masks bytes in place.
  ///
  /// @param maskingKey the key's four bytes as they are on the wire, read as a big-endian int
  /// @param position where in the payload the first of these bytes is; only its lowest 2 bits
  ///   matter
  public static void mask(
      MemorySegment buffer, int offset, int length, int maskingKey, int position) {
    int key = Integer.rotateLeft(maskingKey, position << 3);
    int words = length & ~7;
    if (words != 0) {
      int wire = LITTLE_ENDIAN ? Integer.reverseBytes(key) : key;
      long key8 = (wire & 0xFFFF_FFFFL) | (long) wire << 32;
      for (int i = 0; i < words; i += 8) {
        long at = (long) offset + i;
        buffer.set(
            ValueLayout.JAVA_LONG_UNALIGNED,
            at,
            buffer.get(ValueLayout.JAVA_LONG_UNALIGNED, at) ^ key8);
      }
    }
    for (int i = words; i < length; i++) {
      long at = (long) offset + i;
      key = Integer.rotateLeft(key, 8);
      buffer.set(JAVA_BYTE, at, (byte) (buffer.get(JAVA_BYTE, at) ^ key));
    }
  }
}
