package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An array of `struct iovec`: pieces of memory that one sendmsg(2) or writev(2) sends in order.
///
/// It belongs to the thread that uses it; its memory to the arena that it was allocated from. The
/// pieces stay the caller's, must be native, and must live until the call is over.
public final class IoVector {

  /// The most pieces that the kernel takes in one call.
  public static final int IOV_MAX = 1024;

  /// `struct iovec`.
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(ADDRESS.withName("iov_base"), JAVA_LONG.withName("iov_len"));

  private static final long SIZE = 16;
  private static final long LENGTH = 8;

  private final MemorySegment segment;

  /// The kernel is handed addresses only: these references keep memory of an automatic arena alive.
  private final @Nullable MemorySegment[] pieces;

  private int count;
  private long totalBytes;

  private IoVector(MemorySegment segment, int capacity) {
    this.segment = segment;
    this.pieces = new @Nullable MemorySegment[capacity];
  }

  /// An empty vector for up to `capacity` pieces. More than [#IOV_MAX] are refused by the kernel.
  public static IoVector allocate(Arena arena, int capacity) {
    return new IoVector(arena.allocate(SIZE * capacity, Long.BYTES), capacity);
  }

  /// The memory of the array.
  public MemorySegment segment() {
    return segment;
  }

  /// Forgets all pieces.
  public void clear() {
    Arrays.fill(pieces, 0, count, null);
    count = 0;
    totalBytes = 0;
  }

  /// Adds `length` bytes of `buffer` from `offset` as the next piece.
  ///
  /// @throws IndexOutOfBoundsException if the vector is full or the buffer has no such range
  /// @throws IllegalArgumentException if the buffer is not native
  public void add(MemorySegment buffer, long offset, long length) {
    Objects.checkIndex(count, pieces.length);
    Objects.checkFromIndexSize(offset, length, buffer.byteSize());
    if (!buffer.isNative()) {
      throw new IllegalArgumentException("the kernel cannot read a piece on the Java heap");
    }
    long entry = count * SIZE;
    segment.set(JAVA_LONG, entry, buffer.address() + offset);
    segment.set(JAVA_LONG, entry + LENGTH, length);
    pieces[count++] = buffer;
    totalBytes += length;
  }

  /// The number of pieces.
  public int count() {
    return count;
  }

  /// The number of pieces for which there is room.
  public int capacity() {
    return pieces.length;
  }

  /// The sum of the pieces' lengths.
  public long totalBytes() {
    return totalBytes;
  }

  /// The memory of a piece, for a kernel that is simulated.
  public MemorySegment piece(int index) {
    Objects.checkIndex(index, count);
    MemorySegment buffer = Objects.requireNonNull(pieces[index]);
    long entry = index * SIZE;
    long offset = segment.get(JAVA_LONG, entry) - buffer.address();
    return buffer.asSlice(offset, segment.get(JAVA_LONG, entry + LENGTH));
  }

  /// The linker checks only what it is handed itself, and that is the array.
  ///
  /// @throws IllegalStateException if the arena of the array or of a piece is closed
  void requireAlive() {
    requireAlive(segment);
    for (int i = 0; i < count; i++) {
      requireAlive(Objects.requireNonNull(pieces[i]));
    }
  }

  private static void requireAlive(MemorySegment memory) {
    if (!memory.scope().isAlive()) {
      throw new IllegalStateException("Already closed");
    }
  }
}
