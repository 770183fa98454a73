package dev.pollux.net.internal.memory;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Memory that is cut into slices of one size, as they are needed. What was given back last is lent
/// first.
final class Slab {
  /// It is aligned to that. No more than the largest slice: one that lies at hand keeps nothing
  /// else.
  static final int BYTES = 64 * 1024;

  final MemorySegment memory;
  private final int sliceBytes;
  private final @Nullable MemorySegment[] free;
  private int freeCount;
  private int cut;

  // In a SlabList.
  @Nullable Slab before;
  @Nullable Slab after;

  Slab(MemorySegment memory, int sliceBytes) {
    this.memory = memory;
    this.sliceBytes = sliceBytes;
    this.free = new MemorySegment[BYTES / sliceBytes];
  }

  boolean isFull() {
    return freeCount == 0 && cut == free.length;
  }

  boolean isEmpty() {
    return freeCount == cut;
  }

  /// There is room.
  MemorySegment take() {
    if (freeCount > 0) {
      MemorySegment slice = free[--freeCount];
      if (slice != null) {
        return slice;
      }
    }
    return memory.asSlice((long) cut++ * sliceBytes, sliceBytes);
  }

  void put(MemorySegment slice) {
    free[freeCount++] = slice;
  }
}
