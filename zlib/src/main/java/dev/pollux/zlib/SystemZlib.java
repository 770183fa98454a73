package dev.pollux.zlib;

import dev.pollux.websocket.Compression;
import dev.pollux.websocket.Compressor;
import dev.pollux.websocket.Decompressor;
import java.lang.foreign.MemorySegment;

/// The system's zlib.
final class SystemZlib implements Compression {
  // zlib.h, deflateInit2(): raw deflate refuses 8; asked for the zlib format, it takes 9 instead.
  private static final int LEAST_WINDOW_BITS = 9;

  @Override
  public String name() {
    return "zlib " + ZlibLibrary.versionText();
  }

  @Override
  public int leastWindowBits() {
    return LEAST_WINDOW_BITS;
  }

  @Override
  public Compressor compressor(int level, int windowBits, int memLevel) {
    return new Deflating(ZStream.deflating(level, windowBits, memLevel));
  }

  @Override
  public Decompressor decompressor(int windowBits) {
    return new Inflating(ZStream.inflating(Math.max(windowBits, LEAST_WINDOW_BITS)));
  }

  private static final class Deflating implements Compressor {
    private final ZStream stream;

    Deflating(ZStream stream) {
      this.stream = stream;
    }

    @Override
    public void input(MemorySegment source, long offset, int length) {
      stream.input(source, offset, length);
    }

    @Override
    public int deflate(MemorySegment target, long offset, int length, boolean flush) {
      stream.output(target, offset, length);
      int result =
          ZlibLibrary.deflate(
              stream.struct(), flush ? ZlibLibrary.Z_SYNC_FLUSH : ZlibLibrary.Z_NO_FLUSH);
      // Z_BUF_ERROR: there was nothing to do, which is no error.
      if (result != ZlibLibrary.Z_OK && result != ZlibLibrary.Z_BUF_ERROR) {
        throw ZStream.failure("deflate", result);
      }
      return length - stream.availableOut();
    }

    @Override
    public void reset() {
      int result = ZlibLibrary.deflateReset(stream.struct());
      if (result != ZlibLibrary.Z_OK) {
        throw ZStream.failure("deflateReset", result);
      }
    }

    @Override
    public void close() {
      stream.free();
    }
  }

  private static final class Inflating implements Decompressor {
    // zlib.h, inflate(): how many bits of the last byte are unused, and the bit that says that a
    // block has just ended.
    private static final int UNUSED_BITS = 0x1F;
    private static final int BETWEEN_BLOCKS = 0x80;

    private final ZStream stream;
    private boolean finished;
    private boolean betweenBlocks = true;

    Inflating(ZStream stream) {
      this.stream = stream;
    }

    @Override
    public void input(MemorySegment source, long offset, int length) {
      stream.input(source, offset, length);
    }

    @Override
    public int inflate(MemorySegment target, long offset, int length) {
      int written = 0;
      while (true) {
        stream.output(target, offset + written, length - written);
        if (finished && stream.availableIn() > 0) {
          goOnAfterTheLastBlock();
        }
        int before = stream.availableIn();
        int result = ZlibLibrary.inflate(stream.struct(), ZlibLibrary.Z_SYNC_FLUSH);
        int now = length - stream.availableOut();
        switch (result) {
          case ZlibLibrary.Z_OK, ZlibLibrary.Z_STREAM_END -> {
            finished = result == ZlibLibrary.Z_STREAM_END;
            betweenBlocks =
                finished || (stream.dataType() & (BETWEEN_BLOCKS | UNUSED_BITS)) == BETWEEN_BLOCKS;
          }
          // Nothing to read or no room to write: what was true before still is.
          case ZlibLibrary.Z_BUF_ERROR -> {}
          case ZlibLibrary.Z_DATA_ERROR -> {
            return INVALID;
          }
          default -> throw ZStream.failure("inflate", result);
        }
        boolean more = finished && stream.availableIn() > 0 && now < length;
        if (!more || (now == written && before == stream.availableIn())) {
          return now;
        }
        written = now;
      }
    }

    // A new stream to zlib, with the window of the old one.
    private void goOnAfterTheLastBlock() {
      int result = ZlibLibrary.inflateResetKeep(stream.struct());
      if (result != ZlibLibrary.Z_OK) {
        throw ZStream.failure("inflateResetKeep", result);
      }
      finished = false;
    }

    @Override
    public boolean isFinished() {
      return finished && stream.availableIn() == 0;
    }

    @Override
    public boolean isBetweenBlocks() {
      return betweenBlocks;
    }

    @Override
    public void reset() {
      int result = ZlibLibrary.inflateReset(stream.struct());
      if (result != ZlibLibrary.Z_OK) {
        throw ZStream.failure("inflateReset", result);
      }
      finished = false;
      betweenBlocks = true;
      stream.forgetInput();
    }

    @Override
    public void close() {
      stream.free();
    }
  }
}
