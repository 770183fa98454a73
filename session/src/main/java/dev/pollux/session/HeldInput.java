package dev.pollux.session;

import dev.pollux.net.BufferPool;
import java.lang.foreign.MemorySegment;

/// A copy of bytes that were received and have to wait, because the session does not read at the
/// moment. The memory is lent by the connection's pool.
///
/// @param offset where what is left of it begins
record HeldInput(MemorySegment memory, int offset, int length) {

  static HeldInput copyOf(BufferPool pool, MemorySegment buffer, long offset, int length) {
    MemorySegment memory = pool.borrowToHold(length);
    MemorySegment.copy(buffer, offset, memory, 0, length);
    return new HeldInput(memory, 0, length);
  }

  /// What is left when so many bytes were taken.
  HeldInput after(int taken) {
    return new HeldInput(memory, offset + taken, length - taken);
  }
}
