package dev.pollux.net.simulation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The bytes of a stream, each of which follows from the stream and its position.
final class Content {
  private Content() {}

  static byte at(int stream, int position) {
    int mixed = (position + stream * 0x9e3779b9) * 0x85ebca6b;
    return (byte) (mixed ^ mixed >>> 15 ^ mixed >>> 24);
  }

  static void fill(byte[] bytes, int length, int stream, int position) {
    for (int i = 0; i < length; i++) {
      bytes[i] = at(stream, position + i);
    }
  }

  /// Where the first wrong byte is, -1 if there is none.
  static int wrong(byte[] bytes, int from, int to, int stream, int position) {
    for (int i = from; i < to; i++) {
      if (bytes[i] != at(stream, position + i - from)) {
        return i;
      }
    }
    return -1;
  }

  /// Where the first wrong byte is, -1 if there is none.
  static int wrong(MemorySegment bytes, int offset, int length, int stream, int position) {
    for (int i = 0; i < length; i++) {
      if (bytes.get(ValueLayout.JAVA_BYTE, offset + i) != at(stream, position + i)) {
        return i;
      }
    }
    return -1;
  }
}
