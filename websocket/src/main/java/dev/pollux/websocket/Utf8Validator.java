package dev.pollux.websocket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Checks UTF-8 (RFC 3629) as it arrives, cut anywhere, and says no at the first byte that no valid
/// text can have there: a stray continuation byte, an overlong form, a surrogate, more than
/// U+10FFFF.
///
/// The whole state is one int, so that the owner can keep it in a field of its own: begin with
/// [#ACCEPT], give each piece to [#step], and the text is valid and complete when the result is
/// [#ACCEPT]. An object of this class wraps that int for those who want one.
///
/// A state other than the two constants is what the next byte must be: bits 0-1 how many
/// continuation bytes are still to come, bits 8-15 the least and bits 16-23 the greatest value of
/// the next one.
public final class Utf8Validator {
  /// Nothing is wrong and no character is half read.
  public static final int ACCEPT = 0;

  /// Not UTF-8, whatever follows.
  public static final int REJECT = -1;

  private static final long NOT_ASCII = 0x8080_8080_8080_8080L;
  private static final int NOT_ASCII4 = 0x8080_8080;
  private static final int BLOCK_BYTES = 4096;
  private static final int LEAST_BLOCK_BYTES = 256;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private int state = ACCEPT;

  /// Takes the next bytes.
  ///
  /// @return false as soon as the text cannot be UTF-8 any more, and from then on
  public boolean validate(MemorySegment buffer, int offset, int length) {
    state = step(state, buffer, offset, length);
    return state != REJECT;
  }

  /// Whether all bytes so far are a whole number of valid characters.
  public boolean isComplete() {
    return state == ACCEPT;
  }

  /// Makes the object as new.
  public void reset() {
    state = ACCEPT;
  }

  /// Takes the next bytes. Kept so large that it is compiled for itself: decision 0014.
  ///
  /// @param state [#ACCEPT], or what the call before returned
  /// @return the new state
  public static int step(int state, MemorySegment buffer, int offset, int length) {
    int end = offset + length;
    int at = offset;
    int now = state;
    // Becomes vector instructions, but only with the "and" inside the loop: C2 of JDK 25 leaves the
    // bare "or" of what is loaded scalar.
    while (now == ACCEPT && end - at >= LEAST_BLOCK_BYTES) {
      int block = Math.min(BLOCK_BYTES, end - at) & ~7;
      long high = 0;
      for (int i = 0; i < block; i += 8) {
        high |= buffer.get(JAVA_LONG_UNALIGNED, (long) at + i) & NOT_ASCII;
      }
      if (high != 0) {
        break;
      }
      at += block;
    }
    while (at < end && now != REJECT) {
      if (now == ACCEPT) {
        while (at <= end - 32
            && isAscii(buffer, at)
            && isAscii(buffer, at + 8L)
            && isAscii(buffer, at + 16L)
            && isAscii(buffer, at + 24L)) {
          at += 32;
        }
        while (at <= end - 8 && isAscii(buffer, at)) {
          at += 8;
        }
        if (at <= end - 4 && (buffer.get(INT, at) & NOT_ASCII4) == 0) {
          at += 4;
        }
        // Valid characters, while four bytes can be read at once. What this does not skip is not
        // wrong, but for next() to decide.
        while (at <= end - 4) {
          int character = characterBytes(buffer.get(INT, at));
          if (character == 0) {
            break;
          }
          at += character;
        }
        if (at == end) {
          return ACCEPT;
        }
      }
      now = next(now, buffer.get(JAVA_BYTE, at) & 0xFF);
      at++;
    }
    return now;
  }

  private static boolean isAscii(MemorySegment buffer, long at) {
    return (buffer.get(JAVA_LONG_UNALIGNED, at) & NOT_ASCII) == 0;
  }

  // RFC 3629 §4, with the next four bytes from the top of the int down.
  private static int characterBytes(int bytes) {
    if (bytes >= 0) {
      return (bytes & NOT_ASCII4) == 0 ? 0 : 1;
    }
    if ((bytes & 0xF0C0_C000) == 0xE080_8000) {
      int top5 = (bytes >>> 23 & 0x1E) | (bytes >>> 21 & 0x1);
      return top5 == 0 || top5 == 0x1B ? 0 : 3;
    }
    if ((bytes & 0xE0C0_0000) == 0xC080_0000) {
      return (bytes & 0x1E00_0000) == 0 ? 0 : 2;
    }
    if ((bytes & 0xF8C0_C0C0) == 0xF080_8080) {
      int plane = (bytes >>> 22 & 0x1C) | (bytes >>> 20 & 0x3);
      return plane == 0 || plane > 0x10 ? 0 : 4;
    }
    return 0;
  }

  private static int next(int state, int value) {
    if (state == ACCEPT) {
      return lead(value);
    }
    int least = state >> 8 & 0xFF;
    int greatest = state >> 16 & 0xFF;
    if (value < least || value > greatest) {
      return REJECT;
    }
    int missing = (state & 0x3) - 1;
    return missing == 0 ? ACCEPT : expect(missing, 0x80, 0xBF);
  }

  // RFC 3629 §4: the first byte says how many follow, and narrows what the second may be.
  private static int lead(int value) {
    if (value < 0x80) {
      return ACCEPT;
    }
    if (value < 0xC2 || value > 0xF4) {
      return REJECT;
    }
    if (value < 0xE0) {
      return expect(1, 0x80, 0xBF);
    }
    if (value < 0xF0) {
      return expect(2, value == 0xE0 ? 0xA0 : 0x80, value == 0xED ? 0x9F : 0xBF);
    }
    return expect(3, value == 0xF0 ? 0x90 : 0x80, value == 0xF4 ? 0x8F : 0xBF);
  }

  private static int expect(int missing, int least, int greatest) {
    return missing | least << 8 | greatest << 16;
  }
}
