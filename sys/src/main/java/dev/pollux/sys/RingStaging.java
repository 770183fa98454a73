package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;

/// What submissions point to until the kernel has taken them: messages with their vectors, and
/// addresses. (The data that a vector points to is needed for longer, and is not here.)
///
/// Each place knows where in the queue its submission stands, and is used again only when the
/// kernel is past it: one call may take any part of what waits. The kernel takes submissions in
/// order, so the places become free in order.
final class RingStaging {
  private static final long MSG_IOV = Socket.MSGHDR.byteOffset(PathElement.groupElement("msg_iov"));
  private static final long MSG_IOVLEN =
      Socket.MSGHDR.byteOffset(PathElement.groupElement("msg_iovlen"));
  private static final long PIECES_AT = 64;

  /// The most pieces of one message.
  static final int MOST_PIECES = 64;

  private static final long PLACE_BYTES = PIECES_AT + MOST_PIECES * IoVector.LAYOUT.byteSize();

  private final MemorySegment memory;
  private final int mask;

  /// Of each place in use, the position of its submission in the queue.
  private final int[] positions;

  /// The place that becomes free first.
  private int first;

  private int used;

  /// @param places a power of two
  RingStaging(Arena arena, int places) {
    this.mask = places - 1;
    this.positions = new int[places];
    this.memory = arena.allocate(places * PLACE_BYTES, 64);
  }

  boolean isFull() {
    return used > mask;
  }

  /// The kernel has taken every submission before the position `head`.
  void taken(int head) {
    while (used > 0 && positions[first] - head < 0) {
      first = first + 1 & mask;
      used--;
    }
    if (used == 0) {
      // Always the same memory, which is warm.
      first = 0;
    }
  }

  /// The address of a `struct msghdr` of all pieces, for the submission at `position`.
  long message(IoVector pieces, int position) {
    if (pieces.count() > MOST_PIECES) {
      throw new IllegalArgumentException(
          "a message of " + pieces.count() + " pieces; at most " + MOST_PIECES);
    }
    long at = place(position);
    MemorySegment vector = memory.asSlice(at + PIECES_AT, pieces.count() * 16L);
    MemorySegment.copy(pieces.segment(), 0, vector, 0, vector.byteSize());
    memory.set(ADDRESS, at + MSG_IOV, vector);
    memory.set(JAVA_INT, at + MSG_IOVLEN, pieces.count());
    return memory.address() + at;
  }

  /// The address of a copy of an address, for the submission at `position`.
  long address(SockAddr address, int position) {
    long at = place(position) + PIECES_AT;
    MemorySegment.copy(address.segment(), JAVA_BYTE, 0, memory, JAVA_BYTE, at, address.length());
    return memory.address() + at;
  }

  private long place(int position) {
    if (isFull()) {
      throw new IllegalStateException("every place is in use");
    }
    int place = first + used & mask;
    used++;
    positions[place] = position;
    return place * PLACE_BYTES;
  }
}
