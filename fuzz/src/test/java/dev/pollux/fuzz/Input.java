package dev.pollux.fuzz;

import java.util.Arrays;

/// The bytes of one run, cut as a target needs them: some bytes that choose how it is read, and the
/// rest, which is read.
final class Input {
  private final byte[] bytes;
  private int at;

  Input(byte[] bytes) {
    this.bytes = bytes;
  }

  /// The next byte, 0 to 255; 0 if there is none.
  int next() {
    return at < bytes.length ? bytes[at++] & 0xFF : 0;
  }

  byte[] rest() {
    return Arrays.copyOfRange(bytes, at, bytes.length);
  }
}
