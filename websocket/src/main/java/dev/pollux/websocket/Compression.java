package dev.pollux.websocket;

/// Raw deflate (RFC 1951), as somebody else implements it: what [PerMessageDeflate] is made of. Any
/// thread may ask it for streams; each stream is one user's at a time.
public interface Compression {
  /// The largest LZ77 window, 2^15 bytes (RFC 7692 §7.1.2).
  int MAX_WINDOW_BITS = 15;

  /// The smallest LZ77 window that can be negotiated, 2^8 bytes.
  int MIN_WINDOW_BITS = 8;

  /// What a stream takes besides its window and its tables, by an estimate.
  int STREAM_BYTES = 8 << 10;

  /// What it is, for people: `zlib 1.3.1`.
  String name();

  /// The smallest window that a compressor can be told to keep to, as its base-2 logarithm;
  /// [#MAX_WINDOW_BITS] if there is no choice.
  int leastWindowBits();

  /// Bytes outside the heap that a compressor takes, by an estimate.
  ///
  /// @param windowBits of its window; at least that many, if there is no choice
  default int compressorBytes(int windowBits, int memLevel) {
    // zlib.h, deflateInit2(), and "plus a few kilobytes for small objects".
    return (1 << (windowBits + 2)) + (1 << (memLevel + 9)) + STREAM_BYTES;
  }

  /// Bytes outside the heap that a decompressor takes, by an estimate.
  default int decompressorBytes(int windowBits) {
    return (1 << windowBits) + STREAM_BYTES;
  }

  /// A compressor with an empty history.
  ///
  /// @param level 0 (stored) to 9 (smallest)
  /// @param windowBits [#leastWindowBits()] to 15: how far back what it writes refers, at most
  /// @param memLevel 1 to 9: how much memory it takes to find repetitions; may be ignored
  Compressor compressor(int level, int windowBits, int memLevel);

  /// A decompressor with an empty history.
  ///
  /// @param windowBits 8 to 15: how far back what it reads refers, at most
  Decompressor decompressor(int windowBits);
}
