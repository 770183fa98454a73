package dev.pollux.net.internal.memory;

import dev.pollux.net.BufferPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Memory in powers of two: small sizes cut from slabs that live as long as the pool, large ones
/// with an arena each that is closed when the pool has enough of them lying about.
///
/// What was given back last is lent first, so that the memory in use stays in the cache.
public final class SlabPool implements BufferPool, AutoCloseable {
  public static final int LEAST_BYTES = 512;
  public static final int LARGEST_SLICE_BYTES = 64 * 1024;
  private static final int SLAB_BYTES = 256 * 1024;
  private static final long LARGE_BYTES_KEPT = 2 * 1024 * 1024;

  private final Supplier<Arena> arenas;
  private final Arena slabs;
  private final Map<Integer, ArrayDeque<MemorySegment>> largeFree = new HashMap<>();
  private final Map<MemorySegment, Arena> largeArenas = new HashMap<>();
  private final List<ArrayDeque<MemorySegment>> smallFree = new ArrayList<>();
  private MemorySegment slab = MemorySegment.NULL;
  private long slabUsed;
  private long lentBytes;
  private long largeFreeBytes;

  /// @param arenas makes arenas that the pool's owner may use and close
  public SlabPool(Supplier<Arena> arenas) {
    this.arenas = arenas;
    this.slabs = arenas.get();
    for (int bytes = LEAST_BYTES; bytes <= LARGEST_SLICE_BYTES; bytes *= 2) {
      smallFree.add(new ArrayDeque<>());
    }
  }

  @Override
  public MemorySegment borrow(int minBytes) {
    int bytes = roundUp(minBytes);
    lentBytes += bytes;
    if (bytes > LARGEST_SLICE_BYTES) {
      return borrowLarge(bytes);
    }
    MemorySegment free = smallFree.get(sizeClass(bytes)).pollLast();
    return free != null ? free : slice(bytes);
  }

  @Override
  public void giveBack(MemorySegment segment) {
    int bytes = (int) segment.byteSize();
    lentBytes -= bytes;
    if (bytes <= LARGEST_SLICE_BYTES) {
      smallFree.get(sizeClass(bytes)).addLast(segment);
    } else if (largeFreeBytes + bytes <= LARGE_BYTES_KEPT) {
      largeFreeBytes += bytes;
      largeFree.computeIfAbsent(bytes, size -> new ArrayDeque<>()).addLast(segment);
    } else {
      Arena arena = largeArenas.remove(segment);
      if (arena == null) {
        throw new IllegalArgumentException("a segment that this pool did not lend: " + segment);
      }
      arena.close();
    }
  }

  @Override
  public long lentBytes() {
    return lentBytes;
  }

  @Override
  public void close() {
    largeArenas.values().forEach(Arena::close);
    slabs.close();
  }

  private MemorySegment borrowLarge(int bytes) {
    ArrayDeque<MemorySegment> free = largeFree.get(bytes);
    MemorySegment segment = free == null ? null : free.pollLast();
    if (segment != null) {
      largeFreeBytes -= bytes;
      return segment;
    }
    Arena arena = arenas.get();
    segment = arena.allocate(bytes, Long.BYTES);
    largeArenas.put(segment, arena);
    return segment;
  }

  private MemorySegment slice(int bytes) {
    if (slab.byteSize() - slabUsed < bytes) {
      slab = slabs.allocate(SLAB_BYTES, Long.BYTES);
      slabUsed = 0;
    }
    MemorySegment slice = slab.asSlice(slabUsed, bytes);
    slabUsed += bytes;
    return slice;
  }

  public static int roundUp(int minBytes) {
    if (minBytes > 1 << 30) {
      throw new IllegalArgumentException("a buffer of " + minBytes + " bytes; at most 1 GiB");
    }
    return Math.max(LEAST_BYTES, Integer.highestOneBit(Math.max(1, minBytes - 1)) << 1);
  }

  public static int sizeClass(int bytes) {
    return Integer.numberOfTrailingZeros(bytes) - Integer.numberOfTrailingZeros(LEAST_BYTES);
  }
}
