package dev.pollux.net.tls;

import dev.pollux.net.BufferPool;
import dev.pollux.net.Connection;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Plaintext that was written and is not encrypted yet: a queue of chunks, which exists only from
/// the first write of a batch to its flush, and while the kernel takes nothing.
final class PlainOutput {
  private static final int FIRST_CHUNK_BYTES = 4 * 1024;
  private static final int CHUNK_BYTES = 64 * 1024;

  private @Nullable Chunk first;
  private @Nullable Chunk last;
  private int pendingBytes;
  private int reservedOffset;

  static final class Chunk {
    final MemorySegment memory;
    int end;
    @Nullable Chunk next;

    Chunk(MemorySegment memory) {
      this.memory = memory;
    }
  }

  int pendingBytes() {
    return pendingBytes;
  }

  int reservedOffset() {
    return reservedOffset;
  }

  /// @param blocked whether the kernel takes nothing at the moment, so that what is added will stay
  ///   a while: then the chunk is no larger than it has to be
  MemorySegment reserve(BufferPool pool, int length, boolean blocked) {
    if (length < 0 || length > Connection.MAX_RESERVE_BYTES) {
      throw new IllegalArgumentException(
          "reserve of " + length + " bytes; from 0 to " + Connection.MAX_RESERVE_BYTES);
    }
    Chunk chunk = last;
    if (chunk == null || chunk.memory.byteSize() - chunk.end < length) {
      // Many may be written to before one of them is flushed: little at first.
      int least = blocked ? length : Math.max(length, FIRST_CHUNK_BYTES);
      int bytes = Math.max(least, Math.min(CHUNK_BYTES, pendingBytes));
      chunk = new Chunk(blocked ? pool.borrowToHold(bytes) : pool.borrow(bytes));
      if (last == null) {
        first = chunk;
      } else {
        last.next = chunk;
      }
      last = chunk;
    }
    reservedOffset = chunk.end;
    return chunk.memory;
  }

  void commit(int length) {
    Chunk chunk = last;
    if (chunk == null || length < 0 || length > chunk.memory.byteSize() - chunk.end) {
      throw new IllegalStateException("commit of " + length + " bytes that were not reserved");
    }
    chunk.end += length;
    pendingBytes += length;
  }

  /// The oldest chunk, or null.
  @Nullable Chunk first() {
    return first;
  }

  /// The oldest chunk is done with.
  void removeFirst(BufferPool pool) {
    Chunk chunk = first;
    if (chunk != null) {
      first = chunk.next;
      if (first == null) {
        last = null;
      }
      pendingBytes -= chunk.end;
      pool.giveBack(chunk.memory);
    }
  }

  /// Throws away what is pending and gives all memory back.
  void discard(BufferPool pool) {
    while (first != null) {
      removeFirst(pool);
    }
  }
}
