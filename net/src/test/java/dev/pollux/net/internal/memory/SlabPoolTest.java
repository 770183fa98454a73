package dev.pollux.net.internal.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlabPoolTest {
  @Test
  void roundsUpToPowersOfTwo() {
    try (SlabPool pool = new SlabPool(Arena::ofConfined)) {
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
    try (SlabPool pool = new SlabPool(Arena::ofConfined)) {
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
    try (SlabPool pool = new SlabPool(Arena::ofConfined)) {
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
  void largeMemoryIsFreedBeyondWhatIsKept() {
    try (SlabPool pool = new SlabPool(Arena::ofConfined)) {
      List<MemorySegment> lent = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        lent.add(pool.borrow(1024 * 1024));
      }
      lent.forEach(pool::giveBack);
      assertEquals(0, pool.lentBytes());
      assertTrue(lent.get(0).scope().isAlive(), "kept for the next");
      assertFalse(lent.get(9).scope().isAlive(), "given back to the system");
    }
  }
}
