package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// An array of `struct pollfd` for poll(2).
///
/// It belongs to the thread that uses it; its memory to the arena that it was allocated from. An
/// index outside the array throws [IndexOutOfBoundsException].
public final class PollFds {

  /// There is something to read, or the end of input.
  public static final int POLLIN = 1;

  /// Writing would not wait.
  public static final int POLLOUT = 4;

  /// The descriptor has an error; always reported.
  public static final int POLLERR = 8;

  /// The connection is gone in both directions; always reported.
  public static final int POLLHUP = 0x10;

  /// The descriptor is not open; always reported.
  public static final int POLLNVAL = 0x20;

  /// The peer sends no more.
  public static final int POLLRDHUP = 0x2000;

  /// `struct pollfd`.
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("fd"), JAVA_SHORT.withName("events"), JAVA_SHORT.withName("revents"));

  private static final long SIZE = 8;
  private static final long EVENTS = 4;
  private static final long REVENTS = 6;

  private final MemorySegment segment;
  private final int capacity;

  private PollFds(MemorySegment segment, int capacity) {
    this.segment = segment;
    this.capacity = capacity;
  }

  /// An array of `capacity` entries, all zero.
  public static PollFds allocate(Arena arena, int capacity) {
    // Aligned to a long, so that an entry is copied as one.
    return new PollFds(arena.allocate(SIZE * capacity, Long.BYTES), capacity);
  }

  /// The memory of the array.
  public MemorySegment segment() {
    return segment;
  }

  /// The number of entries.
  public int capacity() {
    return capacity;
  }

  /// Fills an entry, without results. poll(2) passes over an entry whose descriptor is negative.
  public void set(int index, int fd, int events) {
    long entry = index * SIZE;
    segment.set(JAVA_INT, entry, fd);
    segment.set(JAVA_SHORT, entry + EVENTS, (short) events);
    segment.set(JAVA_SHORT, entry + REVENTS, (short) 0);
  }

  /// Changes what an entry asks for.
  public void events(int index, int events) {
    segment.set(JAVA_SHORT, index * SIZE + EVENTS, (short) events);
  }

  /// The descriptor of an entry.
  public int fd(int index) {
    return segment.get(JAVA_INT, index * SIZE);
  }

  /// What an entry asks for.
  public int events(int index) {
    return segment.get(JAVA_SHORT, index * SIZE + EVENTS) & 0xffff;
  }

  /// What the last poll(2) found.
  public int revents(int index) {
    return segment.get(JAVA_SHORT, index * SIZE + REVENTS) & 0xffff;
  }

  /// Writes what was found, as the kernel does; for a kernel that is simulated.
  public void told(int index, int revents) {
    segment.set(JAVA_SHORT, index * SIZE + REVENTS, (short) revents);
  }

  /// Copies an entry over another one of the same array.
  public void copy(int from, int to) {
    segment.set(JAVA_LONG, to * SIZE, segment.get(JAVA_LONG, from * SIZE));
  }

  /// Takes over the first `count` entries of another array, for one that grows.
  public void copyFrom(PollFds other, int count) {
    MemorySegment.copy(other.segment, 0, segment, 0, SIZE * count);
  }
}
