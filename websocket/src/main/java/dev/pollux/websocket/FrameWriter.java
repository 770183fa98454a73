package dev.pollux.websocket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Writes frame headers and close payloads (RFC 6455 §5.2, §5.5.1) where the caller wants them. The
/// payload of a frame follows its header; a client masks it with [Masking].
public final class FrameWriter {
  /// The longest header: 2 bytes, an 8-byte length, a 4-byte masking key.
  public static final int MAX_HEADER_BYTES = 14;

  /// The longest payload of a control frame (RFC 6455 §5.5).
  public static final int MAX_CONTROL_BYTES = 125;

  private static final int MAX_REASON_BYTES = MAX_CONTROL_BYTES - 2;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private FrameWriter() {}

  /// How many bytes [#writeHeader] writes.
  public static int headerBytes(int payloadLength, boolean masked) {
    int key = masked ? 4 : 0;
    return payloadLength < 126 ? 2 + key : payloadLength <= 0xFFFF ? 4 + key : 10 + key;
  }

  /// Writes the header of a frame of a server.
  ///
  /// @param rsv the bits RSV1 (4), RSV2 (2) and RSV3 (1); 0 without an extension
  /// @return the bytes written
  /// @throws IllegalArgumentException for a frame that no endpoint may send
  public static int writeHeader(
      MemorySegment target, int offset, int opcode, boolean fin, int rsv, int payloadLength) {
    check(opcode, fin, rsv, payloadLength);
    int first = (fin ? 0x80 : 0) | rsv << 4 | opcode;
    return writeLength(target, offset, first, 0, payloadLength);
  }

  /// Writes the header of a frame of a client.
  ///
  /// @param maskingKey the key's four bytes as they go on the wire, as a big-endian int; fresh and
  ///   unpredictable for each frame (RFC 6455 §5.3)
  /// @return the bytes written
  /// @throws IllegalArgumentException for a frame that no endpoint may send
  public static int writeHeader(
      MemorySegment target,
      int offset,
      int opcode,
      boolean fin,
      int rsv,
      int payloadLength,
      int maskingKey) {
    check(opcode, fin, rsv, payloadLength);
    int first = (fin ? 0x80 : 0) | rsv << 4 | opcode;
    int written = writeLength(target, offset, first, 0x80, payloadLength);
    target.set(INT, (long) offset + written, maskingKey);
    return written + 4;
  }

  /// Writes the payload of a close frame: the code and as much of the reason as fits 123 bytes, cut
  /// between two characters. (A close frame without a code has an empty payload: write none.)
  ///
  /// @return the bytes written, 2 to 125
  /// @throws IllegalArgumentException for a code that must not be sent (RFC 6455 §7.4)
  public static int writeClose(MemorySegment target, int offset, int code, String reason) {
    if (!CloseCode.mayBeSent(code)) {
      throw new IllegalArgumentException(
          "close code " + code + " must not be sent (RFC 6455 §7.4)");
    }
    target.set(SHORT, offset, (short) code);
    byte[] bytes = reason.getBytes(StandardCharsets.UTF_8);
    int length = cut(bytes);
    MemorySegment.copy(bytes, 0, target, JAVA_BYTE, offset + 2L, length);
    return 2 + length;
  }

  private static int cut(byte[] reason) {
    if (reason.length <= MAX_REASON_BYTES) {
      return reason.length;
    }
    int length = MAX_REASON_BYTES;
    while ((reason[length] & 0xC0) == 0x80) {
      length--;
    }
    return length;
  }

  private static int writeLength(
      MemorySegment target, int offset, int first, int maskBit, int payloadLength) {
    if (payloadLength < 126) {
      target.set(SHORT, offset, (short) (first << 8 | maskBit | payloadLength));
      return 2;
    }
    if (payloadLength <= 0xFFFF) {
      target.set(INT, offset, first << 24 | (maskBit | 126) << 16 | payloadLength);
      return 4;
    }
    target.set(SHORT, offset, (short) (first << 8 | maskBit | 127));
    target.set(LONG, offset + 2L, payloadLength);
    return 10;
  }

  private static void check(int opcode, boolean fin, int rsv, int payloadLength) {
    if (!Opcode.isKnown(opcode)) {
      throw new IllegalArgumentException("opcode " + opcode + " is not defined (RFC 6455 §5.2)");
    }
    if (rsv < 0 || rsv > 7) {
      throw new IllegalArgumentException("rsv is " + rsv + ", must be between 0 and 7");
    }
    if (payloadLength < 0) {
      throw new IllegalArgumentException("payloadLength is " + payloadLength);
    }
    if (Opcode.isControl(opcode) && (!fin || payloadLength > MAX_CONTROL_BYTES)) {
      throw new IllegalArgumentException(
          "a "
              + Opcode.name(opcode)
              + " frame must be whole and at most 125 bytes (RFC 6455 §5.5), is "
              + payloadLength
              + (fin ? "" : " and fragmented"));
    }
  }
}
