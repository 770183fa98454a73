package dev.pollux.net.internal.memory;

import dev.pollux.net.MemoryBudget;
import dev.pollux.net.internal.nio.RefusingKernel;
import dev.pollux.net.internal.thread.Desk;
import dev.pollux.net.internal.thread.ThreadOutput;
import dev.pollux.sys.IoVector;
import dev.pollux.sys.Kernel;
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

/// One message's way through the output of a connection, to a kernel that takes it all and costs
/// nothing: reserved, written, committed, sent.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class OutputBenchmark {

  private static final class Sink extends RefusingKernel {
    @Override
    public int send(int fd, MemorySegment buffer, long offset, long length, int flags) {
      return (int) length;
    }
  }

  /// What every message consists of.
  @State(Scope.Thread)
  public static class Message {
    /// Bytes of the message.
    @Param({"64", "16384"})
    int bytes;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment content = arena.allocate(16 * 1024);

    @TearDown
    public void free() {
      arena.close();
    }
  }

  /// A connection of a loop: its output is the loop's, and there while it has something to send.
  @State(Scope.Thread)
  public static class OfALoop {
    private final SlabPool pool = new SlabPool(MemoryBudget.ofMachine(), Arena::ofShared);
    private final OutputStock stock = new OutputStock(pool, Output.CHUNK_BYTES);
    private final Kernel kernel = new Sink();
    private final Arena arena = Arena.ofShared();
    private final IoVector pieces = IoVector.allocate(arena, 16);

    @TearDown
    public void free() {
      arena.close();
      pool.close();
    }
  }

  /// The connections of a thread engine.
  @State(Scope.Benchmark)
  public static class Engine {
    private final SharedPool pool = new SharedPool(MemoryBudget.ofMachine());

    @TearDown
    public void close() {
      pool.close();
    }
  }

  /// One of them, with its worker's desk.
  @State(Scope.Thread)
  public static class OfAThread {
    private final Desk desk = new Desk(arena -> new Sink(), 512, MemoryBudget.ofMachine());
    private ThreadOutput output;

    ThreadOutput output(Engine engine) {
      if (output == null) {
        output = new ThreadOutput(1, engine.pool);
      }
      return output;
    }
  }

  @Benchmark
  public int oneLoop(OfALoop loop, Message message) {
    return write(loop, message);
  }

  /// What two cost each other that share nothing: their processors may be halves of one.
  @Benchmark
  @Threads(2)
  public int twoLoops(OfALoop loop, Message message) {
    return write(loop, message);
  }

  @Benchmark
  public int oneThread(OfAThread connection, Engine engine, Message message) {
    return write(connection.output(engine), connection.desk, message);
  }

  @Benchmark
  @Threads(2)
  public int twoThreads(OfAThread connection, Engine engine, Message message) {
    return write(connection.output(engine), connection.desk, message);
  }

  private static int write(OfALoop loop, Message message) {
    Output output = loop.stock.take();
    MemorySegment room = output.reserve(message.bytes, false);
    MemorySegment.copy(message.content, 0, room, output.reservedOffset(), message.bytes);
    output.commit(message.bytes);
    int result = output.flush(loop.kernel, 1, loop.pieces, 0);
    loop.stock.put(output);
    return result;
  }

  private static int write(ThreadOutput output, Desk desk, Message message) {
    MemorySegment room = output.reserve(message.bytes);
    MemorySegment.copy(message.content, 0, room, output.reservedOffset(), message.bytes);
    output.commit(message.bytes);
    int result = 0;
    if (output.takeForWriter()) {
      result = output.send(desk, 0);
      output.writerIsDone();
    }
    return result;
  }
}
