package dev.pollux.net.internal.memory;

import dev.pollux.net.BufferPool;
import dev.pollux.net.MemoryBudget;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Memory in powers of two: small sizes cut from slabs, each of which has one size; large ones each
/// for itself.
///
/// ```
///   Pages --a slab--> SizeClass (512 B ... 64 KiB) --a slice--> at hand --> whoever borrows
///     ^                  |                 ^                       |
///     +-- empty ---------+                 +-- given back ---------+
/// ```
///
/// What was given back last is lent first, so that the memory in use stays in the cache. A slab
/// that is empty goes back to the [Pages], and its memory to the system, unless it is one of few
/// that are kept for the next time.
public final class SlabPool implements BufferPool, AutoCloseable {
  public static final int LEAST_BYTES = 512;
  public static final int LARGEST_SLICE_BYTES = 64 * 1024;
  private static final long LARGE_BYTES_KEPT = 2 * 1024 * 1024;

  /// What a pool of which nothing is lent keeps at most: of each size a slab for what is at hand,
  /// and an empty one; and as much of what is large.
  public static final long MOST_IDLE_BYTES = 2 * 8 * Slab.BYTES + LARGE_BYTES_KEPT;

  /// Of so many slabs of a size one that is empty is kept, and one anyhow.
  private static final int SLABS_TO_ONE_EMPTY = 4;

  private final Pages pages;
  private final Map<Integer, ArrayDeque<MemorySegment>> largeFree = new HashMap<>();
  private final SizeClass[] classes = new SizeClass[sizeClass(LARGEST_SLICE_BYTES) + 1];
  private final SlabTable table = new SlabTable();
  private long lentBytes;
  private long largeFreeBytes;

  /// Slices of one size.
  private final class SizeClass {
    final int sliceBytes;

    /// What was given back last.
    @Nullable MemorySegment atHand;

    /// Those of which some slices are lent, and not all.
    private final SlabList partial = new SlabList();

    private final SlabList empty = new SlabList();
    private int slabs;

    SizeClass(int sliceBytes) {
      this.sliceBytes = sliceBytes;
    }

    MemorySegment take(boolean held) {
      Slab slab = partial.first();
      if (slab == null) {
        slab = empty.first();
        if (slab == null) {
          slab = new Slab(pages.take(Slab.BYTES, held), sliceBytes);
          table.add(slab);
          slabs++;
        } else {
          empty.remove(slab);
        }
        partial.add(slab);
      }
      MemorySegment slice = slab.take();
      if (slab.isFull()) {
        partial.remove(slab);
      }
      return slice;
    }

    void put(Slab slab, MemorySegment slice) {
      if (slab.isFull()) {
        partial.add(slab);
      }
      slab.put(slice);
      if (slab.isEmpty()) {
        partial.remove(slab);
        empty.add(slab);
        dropEmpty();
      }
    }

    private void dropEmpty() {
      int kept = pages.isTight() ? 0 : Math.max(1, (slabs - empty.size()) / SLABS_TO_ONE_EMPTY);
      while (empty.size() > kept) {
        Slab slab = Objects.requireNonNull(empty.first());
        empty.remove(slab);
        table.remove(slab);
        slabs--;
        pages.giveBack(slab.memory);
      }
    }
  }

  /// @param budget what the pool's memory is charged to
  /// @param arenas makes arenas that the pool's owner may use and close
  public SlabPool(MemoryBudget budget, Supplier<Arena> arenas) {
    this.pages = Pages.of(budget, arenas);
    for (int i = 0; i < classes.length; i++) {
      classes[i] = new SizeClass(LEAST_BYTES << i);
    }
  }

  @Override
  public MemorySegment borrow(int minBytes) {
    return borrow(minBytes, false);
  }

  @Override
  public MemorySegment borrowToHold(int minBytes) {
    return borrow(minBytes, true);
  }

  private MemorySegment borrow(int minBytes, boolean held) {
    int bytes = roundUp(minBytes);
    MemorySegment lent;
    if (bytes > LARGEST_SLICE_BYTES) {
      lent = borrowLarge(bytes, held);
    } else {
      SizeClass of = classes[sizeClass(bytes)];
      MemorySegment near = of.atHand;
      of.atHand = null;
      lent = near != null ? near : of.take(held);
    }
    lentBytes += bytes;
    return lent;
  }

  @Override
  public void giveBack(MemorySegment segment) {
    int bytes = (int) segment.byteSize();
    if (bytes > LARGEST_SLICE_BYTES) {
      giveBackLarge(segment, bytes);
    } else {
      SizeClass of = classes[sizeClass(bytes)];
      MemorySegment displaced = of.atHand;
      of.atHand = segment;
      if (displaced != null) {
        of.put(slabOf(displaced), displaced);
      }
    }
    lentBytes -= bytes;
  }

  private Slab slabOf(MemorySegment slice) {
    Slab slab = table.at(slice.address() & -Slab.BYTES);
    if (slab == null) {
      throw new IllegalArgumentException("a segment that this pool did not lend: " + slice);
    }
    return slab;
  }

  @Override
  public long lentBytes() {
    return lentBytes;
  }

  /// The memory of all that was lent, and is lent still, is gone.
  @Override
  public void close() {
    pages.close();
  }

  private MemorySegment borrowLarge(int bytes, boolean held) {
    ArrayDeque<MemorySegment> free = largeFree.get(bytes);
    MemorySegment segment = free == null ? null : free.pollLast();
    if (segment != null) {
      largeFreeBytes -= bytes;
      return segment;
    }
    return pages.take(bytes, held);
  }

  private void giveBackLarge(MemorySegment segment, int bytes) {
    if (largeFreeBytes + bytes <= LARGE_BYTES_KEPT && !pages.isTight()) {
      largeFreeBytes += bytes;
      largeFree.computeIfAbsent(bytes, size -> new ArrayDeque<>()).addLast(segment);
    } else {
      pages.giveBack(segment);
    }
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
