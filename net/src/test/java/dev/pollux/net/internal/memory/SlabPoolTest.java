package dev.pollux.net.internal.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.MemoryBudget;
import dev.pollux.net.MemoryBudgetExceededException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SlabPoolTest {
  @Test
  void roundsUpToPowersOfTwo() {
    try (SlabPool pool = new SlabPool(MemoryBudget.ofMachine(), Arena::ofConfined)) {
      assertEquals(512, pool.borrow(0).byteSize());
      assertEquals(512, pool.borrow(512).byteSize());
      assertEquals(1024, pool.borrow(513).byteSize());
      assertEquals(64 * 1024, pool.borrow(64 * 1024).byteSize());
      assertEquals(128 * 1024, pool.borrow(64 * 1024 + 1).byteSize());
      assertEquals(512 + 512 + 1024 + 64 * 1024 + 128 * 1024, pool.lentBytes());
      assertThrows(IllegalArgumentException.class, () -> pool.borrow((1 << 30) + 1));
    }
  }

  @Test
  void lendsWhatWasGivenBackLastFirst() {
    try (SlabPool pool = new SlabPool(MemoryBudget.ofMachine(), Arena::ofConfined)) {
      for (int bytes : new int[] {600, 200_000}) {
        MemorySegment first = pool.borrow(bytes);
        MemorySegment second = pool.borrow(bytes);
        assertNotEquals(first, second);
        pool.giveBack(second);
        pool.giveBack(first);
        assertEquals(first, pool.borrow(bytes));
        assertEquals(second, pool.borrow(bytes));
      }
    }
  }

  @Test
  void piecesDoNotOverlap() {
    try (SlabPool pool = new SlabPool(MemoryBudget.ofMachine(), Arena::ofConfined)) {
      List<MemorySegment> lent = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        MemorySegment piece = pool.borrow(1 << i % 12);
        piece.fill((byte) i);
        lent.add(piece);
      }
      for (int i = 0; i < lent.size(); i++) {
        MemorySegment piece = lent.get(i);
        assertEquals((byte) i, piece.get(ValueLayout.JAVA_BYTE, 0));
        assertEquals((byte) i, piece.get(ValueLayout.JAVA_BYTE, piece.byteSize() - 1));
        pool.giveBack(piece);
      }
      assertEquals(0, pool.lentBytes());
    }
  }

  @Test
  void largeMemoryIsGivenBackBeyondWhatIsKept() {
    MemoryBudget budget = MemoryBudget.ofBytes(64 << 20);
    try (SlabPool pool = new SlabPool(budget, Arena::ofConfined)) {
      List<MemorySegment> lent = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        lent.add(pool.borrow(1024 * 1024));
        lent.get(i).fill((byte) 1);
      }
      assertTrue(used(budget) >= 10 << 20);
      lent.forEach(pool::giveBack);
      assertEquals(0, pool.lentBytes());
      assertEquals(2 << 20, used(budget), "kept for the next");
      assertEquals(1, lent.get(0).get(ValueLayout.JAVA_BYTE, 0), "as it was");
      assertEquals(0, lent.get(9).get(ValueLayout.JAVA_BYTE, 0), "its pages are the system's");
    }
  }

  @Test
  void slabsThatAreEmptyAreGivenBack() {
    MemoryBudget budget = MemoryBudget.ofBytes(64 << 20);
    try (SlabPool pool = new SlabPool(budget, Arena::ofConfined)) {
      for (int round = 0; round < 3; round++) {
        List<MemorySegment> lent = new ArrayList<>();
        for (int bytes = 512; bytes <= 64 * 1024; bytes *= 2) {
          for (int i = 0; i < (4 << 20) / bytes; i++) {
            MemorySegment piece = pool.borrow(bytes);
            piece.fill((byte) 1);
            lent.add(piece);
          }
        }
        assertEquals(32 << 20, used(budget), "slices fill the slabs");
        Collections.shuffle(lent, new Random(round));
        lent.forEach(pool::giveBack);
        assertEquals(0, pool.lentBytes());
        // One with what is at hand, and an empty one, of each of eight sizes.
        assertTrue(used(budget) <= SlabPool.MOST_IDLE_BYTES, used(budget) + " bytes are kept");
      }
    }
  }

  @Test
  void whatIsMoreThanTheBudgetIsRefusedAndHarmsNothing() {
    MemoryBudget budget = MemoryBudget.ofBytes(16 << 20);
    try (SlabPool pool = new SlabPool(budget, Arena::ofConfined)) {
      List<MemorySegment> lent = new ArrayList<>();
      assertThrows(
          MemoryBudgetExceededException.class,
          () -> {
            while (true) {
              lent.add(pool.borrowToHold(64 * 1024));
            }
          });
      int held = lent.size();
      assertTrue(used(budget) <= (16 << 20) / 100 * 96, "a little is left for what is short");
      assertThrows(
          MemoryBudgetExceededException.class,
          () -> {
            while (true) {
              lent.add(pool.borrow(64 * 1024));
            }
          });
      assertTrue(lent.size() > held);
      assertThrows(MemoryBudgetExceededException.class, () -> pool.borrow(1024 * 1024));
      assertEquals(lent.size() * 64L * 1024, pool.lentBytes());
      assertTrue(used(budget) <= 16 << 20);
      assertEquals(3, budget.statistics().allocationsRefused());
      lent.forEach(pool::giveBack);
      pool.giveBack(pool.borrow(1024 * 1024));
      assertEquals(0, pool.lentBytes());
    }
  }

  /// Without what the whole process shares.
  private static long used(MemoryBudget budget) {
    return budget.usedBytes() - MemoryBudget.ofMachine().usedBytes();
  }
}
