package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SequenceLayout;
import java.lang.foreign.StructLayout;

/// The C library's `fd_set` for select(2): 1,024 bits, one per descriptor.
///
/// It belongs to the thread that uses it; its memory to the arena that it was allocated from.
public final class FdSet {

  /// The number of descriptors in a set. It is the size of the C library's struct; the kernel
  /// itself takes sets of any size.
  public static final int FD_SETSIZE = 1024;

  /// `fd_set`: the bit of descriptor `fd` is bit `fd % 64` of word `fd / 64`.
  public static final SequenceLayout LAYOUT =
      MemoryLayout.sequenceLayout(FD_SETSIZE / Long.SIZE, JAVA_LONG);

  /// `struct timeval`, the timeout of select(2). Linux writes the time left into it.
  static final StructLayout TIMEVAL =
      MemoryLayout.structLayout(JAVA_LONG.withName("tv_sec"), JAVA_LONG.withName("tv_usec"));

  private final MemorySegment segment;
  private final int capacity;

  private FdSet(MemorySegment segment, int capacity) {
    this.segment = segment;
    this.capacity = capacity;
  }

  /// An empty set.
  public static FdSet allocate(Arena arena) {
    return new FdSet(arena.allocate(LAYOUT), FD_SETSIZE);
  }

  /// An empty set of another size than the C library's, which no C program gets from its headers:
  /// to see that the kernel takes it.
  ///
  /// @param capacity a multiple of 64
  public static FdSet allocate(Arena arena, int capacity) {
    if (capacity <= 0 || capacity % Long.SIZE != 0) {
      throw new IllegalArgumentException(
          "capacity is " + capacity + "; it must be a positive multiple of " + Long.SIZE);
    }
    return new FdSet(arena.allocate(bytes(capacity), Long.BYTES), capacity);
  }

  /// One more than the highest descriptor that has a bit.
  public int capacity() {
    return capacity;
  }

  /// The bytes that select(2) reads and writes of a set when asked for the descriptors below
  /// `count`.
  public static int bytes(int count) {
    return count <= 0 ? 0 : ((count - 1) / Long.SIZE + 1) * Long.BYTES;
  }

  /// The memory of the set.
  public MemorySegment segment() {
    return segment;
  }

  /// Puts a descriptor into the set.
  ///
  /// @throws IndexOutOfBoundsException if it is [#capacity] or greater, or negative
  public void set(int fd) {
    long offset = offset(fd);
    segment.set(JAVA_LONG, offset, segment.get(JAVA_LONG, offset) | 1L << fd);
  }

  /// Takes a descriptor out of the set.
  ///
  /// @throws IndexOutOfBoundsException if it is [#capacity] or greater, or negative
  public void clear(int fd) {
    long offset = offset(fd);
    segment.set(JAVA_LONG, offset, segment.get(JAVA_LONG, offset) & ~(1L << fd));
  }

  /// Whether a descriptor is in the set.
  ///
  /// @throws IndexOutOfBoundsException if it is [#capacity] or greater, or negative
  public boolean isSet(int fd) {
    return (segment.get(JAVA_LONG, offset(fd)) & 1L << fd) != 0;
  }

  /// Empties the set.
  public void zero() {
    segment.fill((byte) 0);
  }

  /// Takes over the words of another set that hold the descriptors below `fds`; the others stay.
  public void copyFrom(FdSet other, int fds) {
    requireInSet(fds);
    other.requireInSet(fds);
    MemorySegment.copy(other.segment, 0, segment, 0, bytes(fds));
  }

  /// The bits of the descriptors from `64 * index` on, the first one lowest.
  public long word(int index) {
    return segment.getAtIndex(JAVA_LONG, index);
  }

  /// Lets pass a count of descriptors for which the set has room.
  void requireInSet(int count) {
    if (count > capacity) {
      throw outside(count - 1);
    }
  }

  private long offset(int fd) {
    if (fd < 0 || fd >= capacity) {
      throw outside(fd);
    }
    return (long) (fd >> 6) << 3;
  }

  private IndexOutOfBoundsException outside(int fd) {
    if (capacity != FD_SETSIZE) {
      return new IndexOutOfBoundsException(
          "descriptor " + fd + " does not fit into a set for " + capacity);
    }
    return new IndexOutOfBoundsException(
        "descriptor "
            + fd
            + " does not fit into an fd_set: FD_SETSIZE is "
            + FD_SETSIZE
            + ", a limit of the C library, not of the kernel");
  }
}
