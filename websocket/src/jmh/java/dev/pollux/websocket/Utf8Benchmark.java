package dev.pollux.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

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

/// Checking text as it arrives (RFC 6455 §8.1): ASCII, and text in which nearly every character has
/// three bytes.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Utf8Benchmark {

  /// About so many bytes of text.
  @Param({"64", "16384"})
  int bytes;

  /// What it is made of.
  @Param({"plain ascii words ", "웹소켓 서버 "})
  String words;

  private Arena arena;
  private MemorySegment buffer;
  private int length;

  @Setup
  public void allocate() {
    arena = Arena.ofConfined();
    byte[] text = words.repeat(bytes / words.getBytes(UTF_8).length).getBytes(UTF_8);
    length = text.length;
    buffer = arena.allocate(Math.max(1, length));
    MemorySegment.copy(MemorySegment.ofArray(text), 0, buffer, 0, length);
  }

  @TearDown
  public void free() {
    arena.close();
  }

  @Benchmark
  public int check() {
    return Utf8Validator.step(Utf8Validator.ACCEPT, buffer, 0, length);
  }
}
