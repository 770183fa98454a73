package dev.pollux.websocket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// Masks and unmasks, which is the same (RFC 6455 §5.3).
///
/// [#mask] is kept so large that it is compiled for itself: decision 0014.
///
/// Fast where all segments of the process are of one kind, which for Pollux is native: the compiled
/// code serves every caller, and one that also hands in heap segments slows all others down.
public final class Masking {
  // From here on the loop that is compiled to vector instructions wins.
  private static final int LONG_RUN_BYTES = 128;

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
    int key4 = LITTLE_ENDIAN ? Integer.reverseBytes(key) : key;
    long key8 = Integer.toUnsignedLong(key4) | (long) key4 << 32;
    int done = 0;
    if (length >= LONG_RUN_BYTES) {
      done = length & ~7;
      maskLongRun(buffer, offset, done, key8);
    }
    // By hand: the compiler unrolls no loop of which its profile says that it ends soon.
    for (; done <= length - 64; done += 64) {
      long at = (long) offset + done;
      maskEight(buffer, at, key8);
      maskEight(buffer, at + 8, key8);
      maskEight(buffer, at + 16, key8);
      maskEight(buffer, at + 24, key8);
      maskEight(buffer, at + 32, key8);
      maskEight(buffer, at + 40, key8);
      maskEight(buffer, at + 48, key8);
      maskEight(buffer, at + 56, key8);
    }
    if (done <= length - 32) {
      long at = (long) offset + done;
      maskEight(buffer, at, key8);
      maskEight(buffer, at + 8, key8);
      maskEight(buffer, at + 16, key8);
      maskEight(buffer, at + 24, key8);
      done += 32;
    }
    for (; done <= length - 8; done += 8) {
      maskEight(buffer, (long) offset + done, key8);
    }
    if (done <= length - 4) {
      long at = (long) offset + done;
      buffer.set(JAVA_INT_UNALIGNED, at, buffer.get(JAVA_INT_UNALIGNED, at) ^ key4);
      done += 4;
    }
    for (; done < length; done++) {
      key = Integer.rotateLeft(key, 8);
      long at = (long) offset + done;
      buffer.set(JAVA_BYTE, at, (byte) (buffer.get(JAVA_BYTE, at) ^ key));
    }
  }

  private static void maskEight(MemorySegment buffer, long at, long key8) {
    buffer.set(JAVA_LONG_UNALIGNED, at, buffer.get(JAVA_LONG_UNALIGNED, at) ^ key8);
  }

  // A loop apart: the compiler vectorises a loop only if its profile says that it runs long, and
  // one loop for all lengths has the profile of the short ones.
  private static void maskLongRun(MemorySegment buffer, long offset, int length, long key8) {
    for (int i = 0; i < length; i += 8) {
      maskEight(buffer, offset + i, key8);
    }
  }
}
