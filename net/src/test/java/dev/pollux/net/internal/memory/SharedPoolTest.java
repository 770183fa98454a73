package dev.pollux.net.internal.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.MemoryBudget;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SharedPoolTest {
  private static final int LARGE = 2 * SlabPool.LARGEST_SLICE_BYTES;

  private final SharedPool pool = new SharedPool(MemoryBudget.ofMachine());

  @AfterEach
  void allIsGivenBack() {
    assertEquals(0, pool.lentBytes());
    pool.close();
  }

  @Test
  void aThreadBorrowsWhatItGaveBackLast() {
    MemorySegment small = pool.borrow(512);
    MemorySegment chunk = pool.borrow(Output.CHUNK_BYTES);
    pool.giveBack(small);
    pool.giveBack(chunk);
    assertEquals(0, pool.lentBytes());
    assertSame(chunk, pool.borrow(Output.CHUNK_BYTES - 1));
    assertSame(small, pool.borrow(1));
    assertEquals(512 + Output.CHUNK_BYTES, pool.lentBytes());
    pool.giveBack(small);
    pool.giveBack(chunk);
  }

  @Test
  void whatIsLentIsNotLentAgain() {
    MemorySegment first = pool.borrow(512);
    MemorySegment second = pool.borrow(512);
    assertNotSame(first, second);
    pool.giveBack(first);
    pool.giveBack(second);
    Set<Long> addresses = new HashSet<>();
    List<MemorySegment> lent = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      lent.add(pool.borrow(512));
      assertTrue(addresses.add(lent.get(i).address()));
    }
    lent.forEach(pool::giveBack);
  }

  /// The thread that borrows finds nothing at its place, and that of the other is full.
  @Test
  void whatOneThreadBorrowsAndAnotherGivesBackComesRound() throws Exception {
    Set<Long> addresses = new HashSet<>();
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      for (int i = 0; i < 1_000; i++) {
        MemorySegment segment = pool.borrow(Output.CHUNK_BYTES);
        addresses.add(segment.address());
        other.submit(() -> pool.giveBack(segment)).get();
      }
    }
    assertTrue(addresses.size() <= 2, addresses.size() + " chunks");
  }

  @Test
  void manyThreadsNeverHaveTheSame() throws Exception {
    long seed = System.nanoTime();
    List<Future<Integer>> strangersMet = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (int i = 1; i <= 8; i++) {
        strangersMet.add(threads.submit(borrower(i, new Random(seed + i))));
      }
    }
    for (Future<Integer> met : strangersMet) {
      assertEquals(0, met.get(), "seed " + seed);
    }
  }

  /// Marks what it borrows with its number, and counts what it finds marked by another.
  private Callable<Integer> borrower(int number, Random random) {
    return () -> {
      int strangers = 0;
      List<MemorySegment> lent = new ArrayList<>();
      for (int i = 0; i < 20_000; i++) {
        if (lent.size() < 4 && random.nextBoolean()) {
          MemorySegment segment = pool.borrow(1 + random.nextInt(LARGE));
          segment.set(ValueLayout.JAVA_INT, 0, number);
          lent.add(segment);
        } else if (!lent.isEmpty()) {
          MemorySegment segment = lent.remove(random.nextInt(lent.size()));
          strangers += segment.get(ValueLayout.JAVA_INT, 0) == number ? 0 : 1;
          pool.giveBack(segment);
        }
      }
      lent.forEach(pool::giveBack);
      return strangers;
    };
  }
}
