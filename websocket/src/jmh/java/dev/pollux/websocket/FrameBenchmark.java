package dev.pollux.websocket;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// Small frames: reading a batch of them as one receive brings it, and writing their answers. W2
/// separates engines by it.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FrameBenchmark {
  private static final int FRAMES = 16;
  private static final int PAYLOAD_BYTES = 64;
  private static final int KEY = 0x37FA213D;

  private final Sum sum = new Sum();
  private final FrameParser parser = new FrameParser(true, WebSocketLimits.DEFAULT);
  private Arena arena;
  private MemorySegment received;
  private MemorySegment output;
  private int receivedBytes;

  /// Looks at what there is, so that nothing can be left out.
  private static final class Sum implements FrameSink {
    private long value;

    @Override
    public void onFrameStart(int opcode, boolean fin, int rsv, long payloadLength) {
      value += opcode + payloadLength;
    }

    @Override
    public void onPayload(MemorySegment buffer, int offset, int length) {
      value += length;
    }

    @Override
    public boolean onFrameEnd() {
      value++;
      return true;
    }
  }

  @Setup
  public void allocate() {
    arena = Arena.ofConfined();
    received = arena.allocate(FRAMES * (PAYLOAD_BYTES + 14L), 64);
    output = arena.allocate(FRAMES * (PAYLOAD_BYTES + 14L), 64);
    for (int i = 0; i < FRAMES; i++) {
      receivedBytes +=
          FrameWriter.writeHeader(
              received, receivedBytes, Opcode.BINARY, true, 0, PAYLOAD_BYTES, KEY);
      receivedBytes += PAYLOAD_BYTES;
    }
  }

  @TearDown
  public void free() {
    arena.close();
  }

  /// The payloads are unmasked in place, and masked again the next time: the work is the same.
  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public long read() throws ProtocolViolation {
    parser.parse(received, 0, receivedBytes, sum);
    return sum.value;
  }

  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public MemorySegment write() {
    int at = 0;
    for (int i = 0; i < FRAMES; i++) {
      at += FrameWriter.writeHeader(output, at, Opcode.BINARY, true, 0, PAYLOAD_BYTES);
      MemorySegment.copy(received, 6, output, at, PAYLOAD_BYTES);
      at += PAYLOAD_BYTES;
    }
    return output;
  }
}
