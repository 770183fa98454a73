package dev.pollux.net.internal.memory;

import dev.pollux.net.MemoryBudget;
import dev.pollux.sys.LinuxKernel;
import dev.pollux.sys.MappedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/// Where a [SlabPool] has its memory from: pieces of a power of two of bytes, slabs ([Slab])
/// aligned to their size. Each is charged to the budget while it is out.
abstract class Pages implements AutoCloseable {
  private final MemoryBudget budget;

  Pages(MemoryBudget budget) {
    this.budget = budget;
  }

  /// Of the kernel's; where its calls can't be made, or nobody has asked for them (`nio` makes
  /// none), of the JDK's.
  ///
  /// @param arenas makes arenas that the pool's owner may use and close
  static Pages of(MemoryBudget budget, Supplier<Arena> arenas) {
    return LinuxKernel.class.getModule().isNativeAccessEnabled()
            && LinuxKernel.whyUnavailable() == null
        ? new Mapped(budget, arenas.get())
        : new Allocated(budget, arenas);
  }

  /// Whether nothing is kept for the next time.
  final boolean isTight() {
    return budget.isTight();
  }

  /// @param held whether it stays until a peer does something
  /// @throws dev.pollux.net.MemoryBudgetExceededException if the budget is used up
  final MemorySegment take(int bytes, boolean held) {
    if (held) {
      budget.chargeHeld(bytes);
    } else {
      budget.charge(bytes);
    }
    try {
      return piece(bytes);
    } catch (Throwable t) {
      budget.release(bytes);
      throw t;
    }
  }

  /// A piece that [#take] returned is not needed any more, for whatever.
  final void giveBack(MemorySegment piece) {
    budget.release(piece.byteSize());
    drop(piece);
  }

  abstract MemorySegment piece(int bytes);

  abstract void drop(MemorySegment piece);

  @Override
  public abstract void close();

  /// Address space that is never unmapped before the end; the pages of what is given back go to the
  /// kernel. (To close a shared arena for each piece would stop all threads each time.)
  private static final class Mapped extends Pages {
    private static final int REGION_BYTES = 16 * 1024 * 1024;

    private final Arena arena;

    /// What is mapped and has no pages, by size.
    private final Map<Integer, ArrayDeque<MemorySegment>> cold = new HashMap<>();

    private MemorySegment region = MemorySegment.NULL;
    private long regionUsed;

    Mapped(MemoryBudget budget, Arena arena) {
      super(budget);
      this.arena = arena;
    }

    @Override
    MemorySegment piece(int bytes) {
      ArrayDeque<MemorySegment> ofSize = cold.get(bytes);
      MemorySegment before = ofSize == null ? null : ofSize.pollLast();
      if (before != null) {
        return before;
      }
      if (bytes >= REGION_BYTES) {
        return mapped(bytes);
      }
      regionUsed = (regionUsed + bytes - 1) & -bytes;
      if (regionUsed + bytes > region.byteSize()) {
        region = mapped(REGION_BYTES);
        regionUsed = 0;
      }
      MemorySegment piece = region.asSlice(regionUsed, bytes);
      regionUsed += bytes;
      return piece;
    }

    private MemorySegment mapped(int bytes) {
      MemorySegment mapped = MappedMemory.map((long) bytes + Slab.BYTES, arena);
      if (mapped == null) {
        throw new OutOfMemoryError("mmap of " + bytes + " bytes was refused");
      }
      return mapped.asSlice(-mapped.address() & (Slab.BYTES - 1), bytes);
    }

    @Override
    void drop(MemorySegment piece) {
      MappedMemory.giveBackPages(piece);
      cold.computeIfAbsent((int) piece.byteSize(), size -> new ArrayDeque<>()).addLast(piece);
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  /// An arena for each piece.
  private static final class Allocated extends Pages {
    private final Supplier<Arena> arenas;
    private final Map<Long, Arena> open = new HashMap<>();

    Allocated(MemoryBudget budget, Supplier<Arena> arenas) {
      super(budget);
      this.arenas = arenas;
    }

    @Override
    MemorySegment piece(int bytes) {
      Arena arena = arenas.get();
      MemorySegment piece = arena.allocate(bytes, Math.min(bytes, Slab.BYTES));
      open.put(piece.address(), arena);
      return piece;
    }

    @Override
    void drop(MemorySegment piece) {
      Arena arena = open.remove(piece.address());
      if (arena != null) {
        arena.close();
      }
    }

    @Override
    public void close() {
      open.values().forEach(Arena::close);
      open.clear();
    }
  }
}
