package dev.pollux.zlib;

import dev.pollux.websocket.Compression;
import dev.pollux.websocket.Compressor;
import dev.pollux.websocket.Decompressor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// `java.util.zip`: one size of window, no choice of memory, and each call makes a few objects.
final class JdkZlib implements Compression {
  /// Streams that were made and not closed.
  static final AtomicLong ALIVE = new AtomicLong();

  @Override
  public String name() {
    return "java.util.zip";
  }

  @Override
  public int leastWindowBits() {
    return MAX_WINDOW_BITS;
  }

  @Override
  public Compressor compressor(int level, int windowBits, int memLevel) {
    if (windowBits != MAX_WINDOW_BITS) {
      throw new IllegalArgumentException(
          "windowBits is " + windowBits + "; java.util.zip has 15 only");
    }
    return new Deflating(level);
  }

  @Override
  public Decompressor decompressor(int windowBits) {
    return new Inflating();
  }

  private static ByteBuffer bytes(MemorySegment memory, long offset, int length) {
    return memory.asSlice(offset, length).asByteBuffer();
  }

  private static final class Deflating implements Compressor {
    private final Deflater deflater;
    private boolean closed;

    Deflating(int level) {
      deflater = new Deflater(level, true);
      ALIVE.incrementAndGet();
    }

    @Override
    public void input(MemorySegment source, long offset, int length) {
      deflater.setInput(bytes(source, offset, length));
    }

    @Override
    public int deflate(MemorySegment target, long offset, int length, boolean flush) {
      return deflater.deflate(
          bytes(target, offset, length), flush ? Deflater.SYNC_FLUSH : Deflater.NO_FLUSH);
    }

    @Override
    public void reset() {
      deflater.reset();
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        deflater.end();
        ALIVE.decrementAndGet();
      }
    }
  }

  private static final class Inflating implements Decompressor {
    private final Inflater inflater = new Inflater(true);
    private ByteBuffer input = ByteBuffer.allocate(0);
    private boolean closed;

    Inflating() {
      ALIVE.incrementAndGet();
    }

    @Override
    public void input(MemorySegment source, long offset, int length) {
      input = bytes(source, offset, length);
      inflater.setInput(input);
    }

    @Override
    public int inflate(MemorySegment target, long offset, int length) {
      ByteBuffer output = bytes(target, offset, length);
      try {
        while (true) {
          if (inflater.finished() && input.hasRemaining()) {
            // Here the history is lost: java.util.zip has no reset that keeps it.
            inflater.reset();
            inflater.setInput(input);
          }
          inflater.inflate(output);
          boolean more = inflater.finished() && input.hasRemaining() && output.hasRemaining();
          if (!more) {
            return output.position();
          }
        }
      } catch (DataFormatException e) {
        return INVALID;
      }
    }

    @Override
    public boolean isFinished() {
      return inflater.finished() && !input.hasRemaining();
    }

    @Override
    public boolean isBetweenBlocks() {
      return true;
    }

    @Override
    public void reset() {
      inflater.reset();
      input = ByteBuffer.allocate(0);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        inflater.end();
        ALIVE.decrementAndGet();
      }
    }
  }
}
