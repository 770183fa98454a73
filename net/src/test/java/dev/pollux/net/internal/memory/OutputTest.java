package dev.pollux.net.internal.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.BufferPool;
import dev.pollux.net.Connection;
import dev.pollux.net.MemoryBudget;
import dev.pollux.net.SharedOutput;
import dev.pollux.sys.Errno;
import dev.pollux.sys.IoVector;
import dev.pollux.sys.Kernel;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OutputTest {
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  /// What it takes from the pool's slabs the process never gets back.
  @Test
  void aLongMessageHardlyGrowsTheSlabs() {
    var lent = new ArrayList<MemorySegment>();
    long[] ofSlabs = {0};
    try (SlabPool pool = new SlabPool(MemoryBudget.ofMachine(), Arena::ofConfined)) {
      var counted =
          new BufferPool() {
            @Override
            public MemorySegment borrow(int minBytes) {
              MemorySegment segment = pool.borrow(minBytes);
              ofSlabs[0] +=
                  segment.byteSize() <= SlabPool.LARGEST_SLICE_BYTES ? segment.byteSize() : 0;
              lent.add(segment);
              return segment;
            }

            @Override
            public void giveBack(MemorySegment segment) {
              pool.giveBack(segment);
            }

            @Override
            public long lentBytes() {
              return pool.lentBytes();
            }
          };
      Output output = new Output(counted);
      for (int i = 0; i < 1024; i++) {
        output.reserve(16 * 1024, i % 2 == 0);
        output.commit(16 * 1024);
      }
      assertEquals(16 << 20, output.pendingBytes());
      assertTrue(ofSlabs[0] <= 512 * 1024, ofSlabs[0] + " bytes of slabs");
      assertTrue(pool.lentBytes() <= 18 << 20, pool.lentBytes() + " bytes in all");
      assertTrue(lent.size() < 40, lent.size() + " pieces");
      output.discard();
      assertEquals(0, pool.lentBytes());
    }
  }

  @Test
  void whatGoesInComesOutWhateverTheKernelTakesAtATime() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined();
        SlabPool pool = new SlabPool(MemoryBudget.ofMachine(), Arena::ofConfined)) {
      IoVector pieces = IoVector.allocate(arena, 3);
      ByteArrayOutputStream taken = new ByteArrayOutputStream();
      ByteArrayOutputStream written = new ByteArrayOutputStream();
      Kernel kernel = kernelThatTakes(random, taken);
      Output output = new Output(pool);
      Output other = new Output(pool);
      for (int step = 0; step < 3_000; step++) {
        byte[] bytes = new byte[random.nextInt(Connection.MAX_RESERVE_BYTES)];
        random.nextBytes(bytes);
        MemorySegment target = output.reserve(bytes.length, random.nextBoolean());
        MemorySegment.copy(bytes, 0, target, BYTE, output.reservedOffset(), bytes.length);
        output.commit(bytes.length);
        written.writeBytes(bytes);
        if (random.nextInt(3) == 0) {
          output.moveTo(other);
        }
        if (other.pendingBytes() > 200_000 || random.nextInt(4) == 0) {
          int result = other.flush(kernel, 0, pieces, 0);
          assertTrue(result == 0 || result == -Errno.EAGAIN);
          assertEquals(result == 0, other.pendingBytes() == 0, "seed " + seed);
        }
        assertEquals(
            written.size() - taken.size(),
            output.pendingBytes() + other.pendingBytes(),
            "seed " + seed);
      }
      output.moveTo(other);
      while (other.flush(kernel, 0, pieces, 0) != 0) {
        assertTrue(other.pendingBytes() > 0);
      }
      assertArrayEquals(written.toByteArray(), taken.toByteArray(), "seed " + seed);
      output.discard();
      assertEquals(0, pool.lentBytes(), "all memory is given back");
    }
  }

  /// A kernel with send and sendmsg only: takes any part, is interrupted, or takes nothing.
  private static Kernel kernelThatTakes(Random random, ByteArrayOutputStream taken) {
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> {
              int fate = random.nextInt(4);
              if (fate < 2) {
                return fate == 0 ? -Errno.EAGAIN : -Errno.EINTR;
              }
              if (method.getName().equals("send")) {
                return take(
                    random,
                    taken,
                    (MemorySegment) arguments[1],
                    (long) arguments[2],
                    (long) arguments[3]);
              }
              IoVector pieces = (IoVector) arguments[1];
              int sum = 0;
              for (int i = 0; i < pieces.count(); i++) {
                MemorySegment piece = pieces.piece(i);
                int part = take(random, taken, piece, 0, piece.byteSize());
                sum += part;
                if (part < piece.byteSize()) {
                  break;
                }
              }
              return sum;
            });
  }

  private static int take(
      Random random, ByteArrayOutputStream taken, MemorySegment from, long offset, long length) {
    long part = random.nextBoolean() ? length : 1 + random.nextLong(length);
    taken.writeBytes(from.asSlice(offset, part).toArray(BYTE));
    return (int) part;
  }

  @Test
  void whatASlowPeerLeavesHoldsLittleMoreMemoryThanItIsLong() {
    try (Arena arena = Arena.ofConfined();
        SlabPool pool = new SlabPool(MemoryBudget.ofMachine(), Arena::ofConfined)) {
      Kernel full = kernelThatIsFull();
      Output output = new Output(pool);
      output.reserve(100, false);
      output.commit(100);
      assertEquals(Output.CHUNK_BYTES, pool.lentBytes());
      assertEquals(-Errno.EAGAIN, output.flush(full, 0, IoVector.allocate(arena, 4), 0));
      assertEquals(SlabPool.LEAST_BYTES, pool.lentBytes());
      assertEquals(100, output.pendingBytes());
      output.discard();
    }
  }

  /// Of one byte each, with a header of two, as a stalled subscriber is sent them.
  @Test
  void smallPiecesOfWhatManySendHoldLittleMoreMemoryThanTheyAreLong() {
    try (Arena arena = Arena.ofConfined();
        SlabPool pool = new SlabPool(MemoryBudget.ofMachine(), Arena::ofConfined)) {
      long heldBefore = SharedOutput.heldBytes();
      Output output = new Output(pool);
      for (int i = 0; i < 100_000; i++) {
        SharedOutput shared = SharedOutput.allocate(3);
        shared.memory().set(BYTE, 0, (byte) i);
        output.append(shared);
        shared.release();
        if (i == 0) {
          output.flush(kernelThatIsFull(), 0, IoVector.allocate(arena, 4), 0);
        }
      }
      assertEquals(300_000, output.pendingBytes());
      assertTrue(pool.lentBytes() <= 2 * 300_000, pool.lentBytes() + " bytes are lent");
      assertEquals(heldBefore, SharedOutput.heldBytes(), "nothing is held that others send too");
      ByteArrayOutputStream taken = new ByteArrayOutputStream();
      Kernel kernel = kernelThatTakes(new Random(1), taken);
      while (output.flush(kernel, 0, IoVector.allocate(arena, 4), 0) != 0) {
        assertTrue(output.pendingBytes() > 0);
      }
      byte[] bytes = taken.toByteArray();
      for (int i = 0; i < 100_000; i++) {
        assertEquals((byte) i, bytes[3 * i]);
      }
    }
  }

  private static Kernel kernelThatIsFull() {
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> -Errno.EAGAIN);
  }

  @Test
  void whatWasNotReservedCannotBeCommitted() {
    try (SlabPool pool = new SlabPool(MemoryBudget.ofMachine(), Arena::ofConfined)) {
      Output output = new Output(pool);
      assertThrows(IllegalStateException.class, () -> output.commit(1));
      assertThrows(
          IllegalArgumentException.class,
          () -> output.reserve(Connection.MAX_RESERVE_BYTES + 1, false));
    }
  }
}
