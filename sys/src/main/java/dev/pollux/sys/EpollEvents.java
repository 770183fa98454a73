package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// An array of `struct epoll_event`, into which epoll_wait(2) writes what is ready.
///
/// It belongs to the thread that uses it; its memory to the arena that it was allocated from. An
/// index outside the array throws [IndexOutOfBoundsException].
public final class EpollEvents {

  private final MemorySegment segment;
  private final int capacity;
  private final long size;
  private final long dataOffset;

  private EpollEvents(MemorySegment segment, int capacity, StructLayout event) {
    this.segment = segment;
    this.capacity = capacity;
    this.size = event.byteSize();
    this.dataOffset = event.byteOffset(PathElement.groupElement("data"));
  }

  /// An array of `capacity` entries, at least one.
  public static EpollEvents allocate(Arena arena, int capacity) {
    return allocate(arena, capacity, Epoll.EVENT);
  }

  static EpollEvents allocate(Arena arena, int capacity, StructLayout event) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity must be at least 1: " + capacity);
    }
    // Aligned to a cache line: the first events share as few lines as can be.
    return new EpollEvents(arena.allocate(event.byteSize() * capacity, 64), capacity, event);
  }

  /// The memory of the array.
  public MemorySegment segment() {
    return segment;
  }

  /// The number of entries, which is the most that one epoll_wait(2) reports.
  public int capacity() {
    return capacity;
  }

  /// What is ready: `EPOLLIN` and its like.
  public int events(int index) {
    return segment.get(JAVA_INT_UNALIGNED, index * size);
  }

  /// The value that was given to `epoll_ctl` for the descriptor.
  public long data(int index) {
    return segment.get(JAVA_LONG_UNALIGNED, index * size + dataOffset);
  }

  /// Writes an entry, as the kernel does; for a kernel that is simulated.
  public void set(int index, int events, long data) {
    segment.set(JAVA_INT_UNALIGNED, index * size, events);
    segment.set(JAVA_LONG_UNALIGNED, index * size + dataOffset, data);
  }
}
