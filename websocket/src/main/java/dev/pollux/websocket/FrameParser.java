package dev.pollux.websocket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/// Finds the frames in the bytes of one connection (RFC 6455 §5.2), however the bytes were cut on
/// their way, and tells a [FrameSink]. Every rule that one frame alone can break is checked, as
/// soon as the byte that breaks it is there.
///
/// ```
///             +------------- 7-bit length ---------+        +--- empty -----+
///             |                                    v        |               v
///  FIRST -> SECOND -> LENGTH16 or LENGTH64 -----> KEY ------+-> PAYLOAD -> FIRST
///                          |   (from a server: no key) ---------> ^
///
///  any -- a violation, an exception of the sink, or a sink that says stop --> STOPPED
/// ```
///
/// One object per connection, 40 bytes; it owns no buffer and allocates nothing.
public final class FrameParser {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private static final byte FIRST = 0;
  private static final byte SECOND = 1;
  private static final byte LENGTH16 = 2;
  private static final byte LENGTH64 = 3;
  private static final byte KEY = 4;
  private static final byte PAYLOAD = 5;
  private static final byte STOPPED = 6;

  private static final int MASK_BIT = 0x80;

  private final WebSocketLimits limits;
  private final boolean expectMasked;
  private byte allowedRsv;
  private byte phase = FIRST;
  private boolean paused;
  private byte first;
  // How many bytes of the field that the phase names are still to come.
  private byte missing;
  // The key turned so that its first byte belongs to the next payload byte.
  private int maskingKey;
  // The payload length while it is being read, then the payload bytes that are still to come.
  private long remaining;

  /// @param expectMasked true to read what a client sends, false to read what a server sends
  public FrameParser(boolean expectMasked, WebSocketLimits limits) {
    this.expectMasked = expectMasked;
    this.limits = Objects.requireNonNull(limits, "limits");
  }

  /// Lets frames that begin a message (text, binary) carry RSV bits that an extension gave a
  /// meaning to: RSV1 is 4, RSV2 is 2, RSV3 is 1. Continuation and control frames still may not (as
  /// RFC 7692 §6 has it for RSV1).
  public void allowRsv(int rsv) {
    if (rsv < 0 || rsv > 7) {
      throw new IllegalArgumentException("rsv is " + rsv + ", must be between 0 and 7");
    }
    allowedRsv = (byte) rsv;
  }

  /// Whether no more input is looked at: a rule was broken, or the sink said stop.
  public boolean isStopped() {
    return phase == STOPPED;
  }

  /// Whether a frame has begun and not ended.
  public boolean isInsideFrame() {
    return phase != FIRST && phase != STOPPED;
  }

  /// From within a callback of the sink: [#parse] returns when that callback's frame, or part of a
  /// frame, is done, and looks at no more until [#resume].
  public void pause() {
    paused = true;
  }

  /// Undoes [#pause].
  public void resume() {
    paused = false;
  }

  /// Takes the next bytes of the connection: all of them, unless it is paused. Payload is unmasked
  /// in place, so the buffer is changed as far as it was taken; it is not kept.
  ///
  /// @return how many bytes were taken: `length`, or less if it was paused; the rest is to be given
  ///   again
  /// @throws ProtocolViolation the peer broke a rule; frames before it were delivered, and the
  ///   parser ignores all later input
  public int parse(MemorySegment buffer, int offset, int length, FrameSink sink)
      throws ProtocolViolation {
    Objects.checkFromIndexSize(offset, (long) length, buffer.byteSize());
    int end = offset + length;
    int at = offset;
    try {
      while (at < end && phase != STOPPED && !paused) {
        at = phase == PAYLOAD ? payload(buffer, at, end, sink) : header(buffer, at, end, sink);
      }
      return phase == STOPPED ? length : at - offset;
    } catch (ProtocolViolation | RuntimeException | Error e) {
      phase = STOPPED;
      throw e;
    }
  }

  private int payload(MemorySegment buffer, int at, int end, FrameSink sink)
      throws ProtocolViolation {
    int length = (int) Math.min(remaining, end - at);
    if (expectMasked) {
      Masking.mask(buffer, at, length, maskingKey, 0);
      maskingKey = Integer.rotateLeft(maskingKey, length << 3);
    }
    remaining -= length;
    sink.onPayload(buffer, at, length);
    if (remaining == 0) {
      endFrame(sink);
    }
    return at + length;
  }

  private void startFrame(FrameSink sink) throws ProtocolViolation {
    sink.onFrameStart(first & 0x0F, (first & 0x80) != 0, first >> 4 & 0x07, remaining);
    if (remaining == 0) {
      endFrame(sink);
    } else {
      phase = PAYLOAD;
    }
  }

  private void endFrame(FrameSink sink) throws ProtocolViolation {
    phase = sink.onFrameEnd() ? FIRST : STOPPED;
  }

  private int header(MemorySegment buffer, int at, int end, FrameSink sink)
      throws ProtocolViolation {
    if (phase == FIRST && end - at >= 2) {
      int second = buffer.get(JAVA_BYTE, at + 1L);
      if (end - at >= headerBytes(second)) {
        return wholeHeader(buffer, at, end, sink);
      }
    }
    headerByte(buffer.get(JAVA_BYTE, at) & 0xFF, sink);
    return at + 1;
  }

  private static int headerBytes(int second) {
    int length7 = second & 0x7F;
    int extended = length7 < 126 ? 0 : length7 == 126 ? 2 : 8;
    return 2 + extended + ((second & MASK_BIT) != 0 ? 4 : 0);
  }

  private int wholeHeader(MemorySegment buffer, int at, int end, FrameSink sink)
      throws ProtocolViolation {
    int both = buffer.get(SHORT, at);
    int firstByte = both >> 8 & 0xFF;
    int second = both & 0xFF;
    checkFirst(firstByte);
    checkSecond(firstByte, second);
    int next = at + 2;
    long length = second & 0x7F;
    if (length == 126) {
      length = buffer.get(SHORT, next) & 0xFFFF;
      checkLength16(length);
      next += 2;
    } else if (length == 127) {
      length = buffer.get(LONG, next);
      checkLength64(length);
      next += 8;
    }
    checkLimit(length);
    int key = 0;
    if (expectMasked) {
      key = buffer.get(INT, next);
      next += 4;
    }
    if (length <= end - next) {
      return wholeFrame(firstByte, key, buffer, next, (int) length, sink);
    }
    first = (byte) firstByte;
    maskingKey = key;
    remaining = length;
    startFrame(sink);
    return next;
  }

  /// Nothing is remembered of a frame that is there whole.
  private int wholeFrame(
      int firstByte, int key, MemorySegment buffer, int at, int length, FrameSink sink)
      throws ProtocolViolation {
    if (expectMasked) {
      Masking.mask(buffer, at, length, key, 0);
    }
    if (!sink.onWholeFrame(
        firstByte & 0x0F, (firstByte & 0x80) != 0, firstByte >> 4 & 0x07, buffer, at, length)) {
      phase = STOPPED;
    }
    return at + length;
  }

  private void headerByte(int value, FrameSink sink) throws ProtocolViolation {
    switch (phase) {
      case FIRST -> {
        checkFirst(value);
        first = (byte) value;
        phase = SECOND;
      }
      case SECOND -> secondByte(value, sink);
      case LENGTH16, LENGTH64 -> lengthByte(value, sink);
      default -> {
        maskingKey = maskingKey << 8 | value;
        if (--missing == 0) {
          startFrame(sink);
        }
      }
    }
  }

  private void secondByte(int value, FrameSink sink) throws ProtocolViolation {
    checkSecond(first, value);
    int length7 = value & 0x7F;
    if (length7 < 126) {
      remaining = length7;
      lengthIsKnown(sink);
    } else {
      remaining = 0;
      phase = length7 == 126 ? LENGTH16 : LENGTH64;
      missing = (byte) (length7 == 126 ? 2 : 8);
    }
  }

  private void lengthByte(int value, FrameSink sink) throws ProtocolViolation {
    if (phase == LENGTH64 && missing == 8 && value > 0x7F) {
      throw highBit((long) value << 56);
    }
    remaining = remaining << 8 | value;
    if (--missing == 0) {
      if (phase == LENGTH16) {
        checkLength16(remaining);
      } else {
        checkLength64(remaining);
      }
      lengthIsKnown(sink);
    }
  }

  private void lengthIsKnown(FrameSink sink) throws ProtocolViolation {
    checkLimit(remaining);
    if (expectMasked) {
      phase = KEY;
      missing = 4;
    } else {
      startFrame(sink);
    }
  }

  private void checkFirst(int value) throws ProtocolViolation {
    int opcode = value & 0x0F;
    int rsv = value >> 4 & 0x07;
    boolean begins = opcode == Opcode.TEXT || opcode == Opcode.BINARY;
    if ((rsv & ~(begins ? allowedRsv : 0)) != 0) {
      throw new ProtocolViolation(
          Rule.RSV_BITS_ARE_ZERO,
          "a " + Opcode.name(opcode) + " frame has RSV bits " + rsv + " that mean nothing here");
    }
    if (!Opcode.isKnown(opcode)) {
      throw new ProtocolViolation(
          Rule.OPCODE_IS_DEFINED, "a frame has the reserved opcode " + opcode);
    }
    if (Opcode.isControl(opcode) && (value & 0x80) == 0) {
      throw new ProtocolViolation(
          Rule.CONTROL_IS_NOT_FRAGMENTED, "a " + Opcode.name(opcode) + " frame is fragmented");
    }
  }

  private void checkSecond(int firstByte, int value) throws ProtocolViolation {
    boolean masked = (value & MASK_BIT) != 0;
    if (masked != expectMasked) {
      throw expectMasked
          ? new ProtocolViolation(Rule.CLIENT_MASKS, "a frame of a client is not masked")
          : new ProtocolViolation(Rule.SERVER_DOES_NOT_MASK, "a frame of a server is masked");
    }
    int length7 = value & 0x7F;
    if (length7 > 125 && Opcode.isControl(firstByte & 0x0F)) {
      throw new ProtocolViolation(
          Rule.CONTROL_IS_SHORT,
          "a " + Opcode.name(firstByte & 0x0F) + " frame has more than 125 bytes of payload");
    }
  }

  private static void checkLength16(long length) throws ProtocolViolation {
    if (length < 126) {
      throw new ProtocolViolation(
          Rule.LENGTH_IS_MINIMAL, "the length " + length + " is written in 2 bytes, needs none");
    }
  }

  private static void checkLength64(long length) throws ProtocolViolation {
    if (length < 0) {
      throw highBit(length);
    }
    if (length <= 0xFFFF) {
      throw new ProtocolViolation(
          Rule.LENGTH_IS_MINIMAL, "the length " + length + " is written in 8 bytes");
    }
  }

  private void checkLimit(long length) throws ProtocolViolation {
    if (length > limits.maxFrameBytes()) {
      throw new ProtocolViolation(
          Rule.FRAME_IS_WITHIN_LIMIT,
          "a frame has " + length + " bytes, at most " + limits.maxFrameBytes() + " are taken");
    }
  }

  private static ProtocolViolation highBit(long length) {
    int top = (int) (length >>> 56);
    return new ProtocolViolation(
        Rule.LENGTH_IS_POSITIVE, "a 64-bit length begins with the byte " + top + ", over 127");
  }
}
