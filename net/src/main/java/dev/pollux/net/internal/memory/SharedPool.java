package dev.pollux.net.internal.memory;

import dev.pollux.net.BufferPool;
import dev.pollux.net.MemoryBudget;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// Memory for any thread: one pool for all connections of a thread engine, and one for what many
/// connections send.
///
/// What a thread gave back last it borrows next, without the lock, which every answer would take
/// twice. Two threads that do nothing else cost each other 80 ns so, and 330 ns at the lock
/// (`BufferPoolBenchmark`).
public final class SharedPool implements BufferPool, AutoCloseable {
  /// References to a place, one for each size: a cache line, so that threads do not share one.
  private static final int REFERENCES = 16;

  private final SlabPool pool;

  /// A power of two, and more than threads can run at once: two seldom meet at one.
  private final int places =
      Integer.highestOneBit(4 * Runtime.getRuntime().availableProcessors() - 1) << 1;

  /// What was given back last, one of each size at each thread's place.
  private final AtomicReferenceArray<@Nullable MemorySegment> atHand =
      new AtomicReferenceArray<>(places * REFERENCES);

  /// @param budget what the pool's memory is charged to
  public SharedPool(MemoryBudget budget) {
    this.pool = new SlabPool(budget, Arena::ofShared);
  }

  @Override
  public MemorySegment borrow(int minBytes) {
    int bytes = SlabPool.roundUp(minBytes);
    MemorySegment near = takeAtHand(bytes);
    return near != null ? near : borrowFromPool(bytes);
  }

  @Override
  public MemorySegment borrowToHold(int minBytes) {
    int bytes = SlabPool.roundUp(minBytes);
    MemorySegment near = takeAtHand(bytes);
    return near != null ? near : borrowFromPoolToHold(bytes);
  }

  private @Nullable MemorySegment takeAtHand(int bytes) {
    return bytes > SlabPool.LARGEST_SLICE_BYTES ? null : atHand.getAndSet(index(bytes), null);
  }

  @Override
  public void giveBack(MemorySegment segment) {
    int bytes = (int) segment.byteSize();
    if (bytes > SlabPool.LARGEST_SLICE_BYTES
        || !atHand.compareAndSet(index(bytes), null, segment)) {
      giveBackToPool(segment);
    }
  }

  private int index(int bytes) {
    int place = (int) Thread.currentThread().threadId() & (places - 1);
    return place * REFERENCES + SlabPool.sizeClass(bytes);
  }

  private synchronized MemorySegment borrowFromPool(int bytes) {
    return pool.borrow(bytes);
  }

  private synchronized MemorySegment borrowFromPoolToHold(int bytes) {
    return pool.borrowToHold(bytes);
  }

  private synchronized void giveBackToPool(MemorySegment segment) {
    pool.giveBack(segment);
  }

  @Override
  public synchronized long lentBytes() {
    long bytes = pool.lentBytes();
    for (int i = 0; i < atHand.length(); i++) {
      MemorySegment segment = atHand.get(i);
      bytes -= segment == null ? 0 : segment.byteSize();
    }
    return bytes;
  }

  @Override
  public synchronized void close() {
    pool.close();
  }
}
