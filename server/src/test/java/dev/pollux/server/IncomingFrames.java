package dev.pollux.server;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a client has received, taken apart: the head of the response, then one frame after the
/// other.
final class IncomingFrames {
  private static final int LONGEST = 1 << 20;

  private final Function<String, AssertionError> failed;
  private byte[] bytes = {};
  private int first;
  private byte[] payload = {};

  /// @param failed makes the error for a frame that no server may send
  IncomingFrames(Function<String, AssertionError> failed) {
    this.failed = failed;
  }

  void add(byte[] received, int length) {
    byte[] longer = Arrays.copyOf(bytes, bytes.length + length);
    System.arraycopy(received, 0, longer, bytes.length, length);
    bytes = longer;
  }

  /// Takes the head of the response; null if it is not complete.
  @Nullable String takeHead() {
    String all = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = all.indexOf("\r\n\r\n");
    if (end < 0) {
      return null;
    }
    bytes = Arrays.copyOfRange(bytes, end + 4, bytes.length);
    return all.substring(0, end);
  }

  /// Takes the next frame; false if it is not complete.
  boolean takeFrame() {
    if (bytes.length < 2) {
      return false;
    }
    int lengthBits = bytes[1] & 0xff;
    int header = lengthBits == 126 ? 4 : lengthBits == 127 ? 10 : 2;
    if (bytes.length < header) {
      return false;
    }
    ByteBuffer head = ByteBuffer.wrap(bytes);
    int length =
        lengthBits == 126
            ? head.getShort(2) & 0xffff
            : lengthBits == 127 ? (int) head.getLong(2) : lengthBits;
    if (lengthBits > 127 || length > LONGEST) {
      throw failed.apply("a frame is masked or endless");
    }
    if (bytes.length < header + length) {
      return false;
    }
    payload = Arrays.copyOfRange(bytes, header, header + length);
    first = bytes[0] & 0xff;
    bytes = Arrays.copyOfRange(bytes, header + length, bytes.length);
    return true;
  }

  /// The first byte of the frame that was taken last.
  int first() {
    return first;
  }

  byte[] payload() {
    return payload;
  }
}
