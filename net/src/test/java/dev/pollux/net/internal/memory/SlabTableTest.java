package dev.pollux.net.internal.memory;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SlabTableTest {
  @Test
  void findsWhatIsThereAndNothingElse() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    SlabTable table = new SlabTable();
    List<Slab> there = new ArrayList<>();
    List<Slab> gone = new ArrayList<>();
    long next = 1;
    for (int step = 0; step < 20_000; step++) {
      if (there.size() < 40 + step / 100 && random.nextInt(5) < 3) {
        // Near each other, as the kernel maps them, and now and then far away.
        next += random.nextInt(20) == 0 ? random.nextInt(1 << 20) : 1;
        Slab slab = slabAt(next * Slab.BYTES);
        there.add(slab);
        table.add(slab);
      } else if (!there.isEmpty()) {
        Slab slab = there.remove(random.nextInt(there.size()));
        table.remove(slab);
        gone.add(slab);
      }
      if (step % 50 == 0) {
        for (Slab slab : there) {
          assertSame(slab, table.at(slab.memory.address()), () -> "seed " + seed);
        }
        for (Slab slab : gone) {
          assertNull(table.at(slab.memory.address()), () -> "seed " + seed);
        }
      }
    }
  }

  private static Slab slabAt(long address) {
    return new Slab(MemorySegment.ofAddress(address), 64 * 1024);
  }
}
