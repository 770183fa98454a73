package dev.pollux.websocket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

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

  /// Takes the next bytes.
  ///
  /// @param state [#ACCEPT], or what the call before returned
  /// @return the new state
  public static int step(int state, MemorySegment buffer, int offset, int length) {
    int at = offset;
    int end = offset + length;
    int now = state;
    while (at < end && now != REJECT) {
      if (now == ACCEPT) {
        at = skipAscii(buffer, at, end);
        if (at == end) {
          return ACCEPT;
        }
      }
      now = next(now, buffer.get(JAVA_BYTE, at) & 0xFF);
      at++;
    }
    return now;
  }

  private static int skipAscii(MemorySegment buffer, int from, int end) {
    int at = from;
    while (at <= end - 8 && (buffer.get(ValueLayout.JAVA_LONG_UNALIGNED, at) & NOT_ASCII) == 0) {
      at += 8;
    }
    while (at < end && buffer.get(JAVA_BYTE, at) >= 0) {
      at++;
    }
    return at;
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
