package dev.pollux.net.tls;

import dev.pollux.net.BufferPool;
import java.lang.foreign.MemorySegment;

/// Received bytes that can't be unwrapped yet: the beginning of a record, or what came while
/// reading is suspended or a step of the handshake is computed. It has memory only while there are
/// such bytes, and no more than twice as much as there are: a peer that announces a large record
/// pays for it first.
final class HeldInput {
  private MemorySegment memory = MemorySegment.NULL;
  private int start;
  private int end;

  boolean isEmpty() {
    return start == end;
  }

  int length() {
    return end - start;
  }

  MemorySegment memory() {
    return memory;
  }

  int start() {
    return start;
  }

  int end() {
    return end;
  }

  void append(BufferPool pool, MemorySegment source, int offset, int length) {
    int needed = length() + length;
    if (memory.byteSize() - end < length) {
      if (needed > memory.byteSize()) {
        MemorySegment larger = pool.borrowToHold(needed);
        MemorySegment.copy(memory, start, larger, 0, length());
        giveBack(pool);
        memory = larger;
      } else {
        // Overlapping is allowed (MemorySegment.copy).
        MemorySegment.copy(memory, start, memory, 0, length());
      }
      end = needed - length;
      start = 0;
    }
    MemorySegment.copy(source, offset, memory, end, length);
    end += length;
  }

  /// The first `length` bytes are done with.
  void drop(BufferPool pool, int length) {
    start += length;
    if (start == end) {
      discard(pool);
    }
  }

  void discard(BufferPool pool) {
    giveBack(pool);
    memory = MemorySegment.NULL;
    start = 0;
    end = 0;
  }

  private void giveBack(BufferPool pool) {
    if (memory.byteSize() > 0) {
      pool.giveBack(memory);
    }
  }
}
