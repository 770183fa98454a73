package dev.pollux.net.internal;

import dev.pollux.net.BufferPool;
import dev.pollux.net.MemoryBudget;
import dev.pollux.net.internal.memory.SharedPool;
import dev.pollux.net.internal.memory.SlabPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/// Memory lent and given back: a loop's pool, which is one thread's, and the one of a thread
/// engine, whose lock is for what a thread has not given back itself just before.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BufferPoolBenchmark {

  /// A loop's.
  @State(Scope.Thread)
  public static class Own {
    /// Bytes borrowed at a time.
    @Param({"512", "65536"})
    int bytes;

    private final SlabPool pool = new SlabPool(MemoryBudget.ofMachine(), Arena::ofShared);

    @TearDown
    public void close() {
      pool.close();
    }
  }

  /// A thread engine's.
  @State(Scope.Benchmark)
  public static class Shared {
    /// Bytes borrowed at a time.
    @Param({"512", "65536"})
    int bytes;

    private final SharedPool pool = new SharedPool(MemoryBudget.ofMachine());

    @TearDown
    public void close() {
      pool.close();
    }
  }

  @Benchmark
  public MemorySegment ownPoolOneThread(Own own) {
    return borrowAndGiveBack(own.pool, own.bytes);
  }

  /// What two threads cost each other without a lock: their processors may be halves of one.
  @Benchmark
  @Threads(2)
  public MemorySegment ownPoolTwoThreads(Own own) {
    return borrowAndGiveBack(own.pool, own.bytes);
  }

  @Benchmark
  public MemorySegment sharedPoolOneThread(Shared shared) {
    return borrowAndGiveBack(shared.pool, shared.bytes);
  }

  @Benchmark
  @Threads(2)
  public MemorySegment sharedPoolTwoThreads(Shared shared) {
    return borrowAndGiveBack(shared.pool, shared.bytes);
  }

  private static MemorySegment borrowAndGiveBack(BufferPool pool, int bytes) {
    MemorySegment segment = pool.borrow(bytes);
    pool.giveBack(segment);
    return segment;
  }
}
