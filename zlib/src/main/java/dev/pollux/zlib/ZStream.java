package dev.pollux.zlib;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/// A `z_stream` of zlib.h, in memory of malloc(3), with what zlib keeps behind it. Freed once,
/// however often that is asked for.
///
/// The addresses of input and output are stored as numbers, so that a call makes no object. Both
/// are checked before: native memory, alive, the range inside it.
final class ZStream {
  /// For 64-bit machines whose `long` has 64 bits; [ZlibLibrary] refuses others.
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ADDRESS.withName("next_in"),
          JAVA_INT.withName("avail_in"),
          MemoryLayout.paddingLayout(4),
          JAVA_LONG.withName("total_in"),
          ADDRESS.withName("next_out"),
          JAVA_INT.withName("avail_out"),
          MemoryLayout.paddingLayout(4),
          JAVA_LONG.withName("total_out"),
          ADDRESS.withName("msg"),
          ADDRESS.withName("state"),
          ADDRESS.withName("zalloc"),
          ADDRESS.withName("zfree"),
          ADDRESS.withName("opaque"),
          JAVA_INT.withName("data_type"),
          MemoryLayout.paddingLayout(4),
          JAVA_LONG.withName("adler"),
          JAVA_LONG.withName("reserved"));

  private static final long NEXT_IN = offset("next_in");
  private static final long AVAIL_IN = offset("avail_in");
  private static final long NEXT_OUT = offset("next_out");
  private static final long AVAIL_OUT = offset("avail_out");
  private static final long DATA_TYPE = offset("data_type");

  /// Streams that were made and not freed.
  static final AtomicLong ALIVE = new AtomicLong();

  private final MemorySegment struct;
  private final boolean compresses;
  private boolean freed;

  private ZStream(MemorySegment struct, boolean compresses) {
    this.struct = struct;
    this.compresses = compresses;
    ALIVE.incrementAndGet();
  }

  static ZStream deflating(int level, int windowBits, int memLevel) {
    MemorySegment struct = ZlibLibrary.calloc(LAYOUT.byteSize());
    return made(struct, ZlibLibrary.deflateInit2(struct, level, -windowBits, memLevel), true);
  }

  static ZStream inflating(int windowBits) {
    MemorySegment struct = ZlibLibrary.calloc(LAYOUT.byteSize());
    return made(struct, ZlibLibrary.inflateInit2(struct, -windowBits), false);
  }

  private static ZStream made(MemorySegment struct, int result, boolean compresses) {
    if (result != ZlibLibrary.Z_OK) {
      ZlibLibrary.free(struct);
      throw failure(compresses ? "deflateInit2" : "inflateInit2", result);
    }
    return new ZStream(struct, compresses);
  }

  /// The struct, for a call of [ZlibLibrary].
  MemorySegment struct() {
    if (freed) {
      throw new IllegalStateException("this stream is closed");
    }
    return struct;
  }

  void input(MemorySegment source, long offset, int length) {
    struct().set(JAVA_LONG, NEXT_IN, address(source, offset, length));
    struct.set(JAVA_INT, AVAIL_IN, length);
  }

  void output(MemorySegment target, long offset, int length) {
    struct().set(JAVA_LONG, NEXT_OUT, address(target, offset, length));
    struct.set(JAVA_INT, AVAIL_OUT, length);
  }

  void forgetInput() {
    struct().set(JAVA_INT, AVAIL_IN, 0);
  }

  int availableIn() {
    return struct.get(JAVA_INT, AVAIL_IN);
  }

  int availableOut() {
    return struct.get(JAVA_INT, AVAIL_OUT);
  }

  int dataType() {
    return struct.get(JAVA_INT, DATA_TYPE);
  }

  void free() {
    if (freed) {
      return;
    }
    freed = true;
    if (compresses) {
      ZlibLibrary.deflateEnd(struct);
    } else {
      ZlibLibrary.inflateEnd(struct);
    }
    ZlibLibrary.free(struct);
    ALIVE.decrementAndGet();
  }

  /// What a result means that only a defect, or a machine without memory, brings about.
  static RuntimeException failure(String function, int result) {
    if (result == ZlibLibrary.Z_MEM_ERROR) {
      throw new OutOfMemoryError("zlib's " + function + " gets no memory (Z_MEM_ERROR)");
    }
    return new IllegalStateException("zlib's " + function + " returned " + result);
  }

  private static long address(MemorySegment memory, long offset, int length) {
    Objects.checkFromIndexSize(offset, length, memory.byteSize());
    if (!memory.isNative() || !memory.scope().isAlive()) {
      throw new IllegalArgumentException("zlib needs native memory that is alive: " + memory);
    }
    return memory.address() + offset;
  }

  private static long offset(String member) {
    return LAYOUT.byteOffset(PathElement.groupElement(member));
  }
}
