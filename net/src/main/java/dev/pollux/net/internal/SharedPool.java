package dev.pollux.net.internal;

import dev.pollux.net.BufferPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Memory for any thread: one pool for all connections of a thread engine, and one for what many
/// connections send.
public final class SharedPool implements BufferPool, AutoCloseable {
  private final SlabPool pool = new SlabPool(Arena::ofShared);

  @Override
  public synchronized MemorySegment borrow(int minBytes) {
    return pool.borrow(minBytes);
  }

  @Override
  public synchronized void giveBack(MemorySegment segment) {
    pool.giveBack(segment);
  }

  @Override
  public synchronized long lentBytes() {
    return pool.lentBytes();
  }

  @Override
  public synchronized void close() {
    pool.close();
  }
}
