package dev.pollux.websocket;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// Unmasking a payload in place: W3 is made of it.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MaskingBenchmark {
  private static final int KEY = 0x37FA213D;

  /// Bytes of the payload.
  @Param({"64", "1024", "16384"})
  int bytes;

  private Arena arena;
  private MemorySegment buffer;

  @Setup
  public void allocate() {
    arena = Arena.ofConfined();
    buffer = arena.allocate(bytes + 16L, 64);
  }

  @TearDown
  public void free() {
    arena.close();
  }

  @Benchmark
  public MemorySegment unmask() {
    Masking.mask(buffer, 6, bytes, KEY, 0);
    return buffer;
  }
}
