package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;

/// What submissions point to until they are submitted: messages with their vectors, and addresses.
/// (The data that a vector points to is needed for longer, and is not here.)
final class RingStaging {
  private static final long MSG_IOV = Socket.MSGHDR.byteOffset(PathElement.groupElement("msg_iov"));
  private static final long MSG_IOVLEN =
      Socket.MSGHDR.byteOffset(PathElement.groupElement("msg_iovlen"));
  private static final long PIECES_AT = 64;

  /// The most pieces of one message.
  static final int MOST_PIECES = 64;

  private static final long PLACE_BYTES = PIECES_AT + MOST_PIECES * IoVector.LAYOUT.byteSize();

  private final MemorySegment memory;
  private final int places;
  private int used;

  RingStaging(Arena arena, int places) {
    this.places = places;
    this.memory = arena.allocate(places * PLACE_BYTES, 64);
  }

  boolean isFull() {
    return used == places;
  }

  /// Everything was submitted.
  void clear() {
    used = 0;
  }

  /// The address of a `struct msghdr` of all pieces.
  long message(IoVector pieces) {
    if (pieces.count() > MOST_PIECES) {
      throw new IllegalArgumentException(
          "a message of " + pieces.count() + " pieces; at most " + MOST_PIECES);
    }
    long at = used++ * PLACE_BYTES;
    MemorySegment vector = memory.asSlice(at + PIECES_AT, pieces.count() * 16L);
    MemorySegment.copy(pieces.segment(), 0, vector, 0, vector.byteSize());
    memory.set(ADDRESS, at + MSG_IOV, vector);
    memory.set(JAVA_INT, at + MSG_IOVLEN, pieces.count());
    return memory.address() + at;
  }

  /// The address of a copy of an address.
  long address(SockAddr address) {
    long at = used++ * PLACE_BYTES + PIECES_AT;
    MemorySegment.copy(address.segment(), JAVA_BYTE, 0, memory, JAVA_BYTE, at, address.length());
    return memory.address() + at;
  }
}
