package dev.pollux.lab.experiment;

import dev.pollux.lab.worker.Arguments;
import dev.pollux.lab.worker.Job;
import dev.pollux.net.Connection;
import dev.pollux.net.Engine;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.EngineStatistics;
import dev.pollux.net.IoModel;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.sys.EventFd;
import dev.pollux.sys.FdSet;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.LinuxKernel;
import dev.pollux.sys.SystemCall;
import java.io.IOException;
import java.io.Serializable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// A server in a process of its own: one engine of one model, which sends back the bytes that come.
///
/// Orders: `open` with `model` (a word) and `loops` ends the engine that was opened before and
/// answers with [Opened]; `counts` answers with [Counts] of the one that is open; `fill` with
/// `upTo` opens descriptors until one is as high, and `free` closes them; `select-beyond` with
/// `above` answers with how many descriptors above it the kernel's select finds ready in a set with
/// one; `heap` answers with the bytes that are alive.
public final class EchoServer implements Job {
  private final Arena arena = Arena.ofConfined();
  private final Kernel kernel = new LinuxKernel(arena);
  private final Deque<Integer> filling = new ArrayDeque<>();
  private final LongAdder messages = new LongAdder();
  private @Nullable Engine engine;

  /// Where it listens.
  ///
  /// @param loops how many loops there are
  public record Opened(int port, int loops) implements Serializable {}

  /// What it has done so far.
  ///
  /// @param messages callbacks with bytes
  /// @param calls the ledger, by the names of the system calls; those that were made
  public record Counts(
      long messages,
      long wakeups,
      int connections,
      long accepted,
      long refused,
      Map<String, CallCounts> calls)
      implements Serializable {

    /// How often a system call was made.
    public long calls(SystemCall call) {
      CallCounts counts = calls.get(call.callName());
      return counts == null ? 0 : counts.calls();
    }
  }

  /// The counts of one system call, as the ledger has them.
  public record CallCounts(long calls, long wouldBlock, long bytes) implements Serializable {}

  @Override
  public @Nullable Serializable carryOut(String order, Arguments arguments) throws IOException {
    return switch (order) {
      case "open" -> open(IoModel.of(arguments.text("model")), arguments.number("loops"));
      case "counts" -> counts();
      case "fill" -> fill(arguments.number("upTo"));
      case "free" -> free();
      case "select-beyond" -> selectBeyond(arguments.number("above"));
      case "heap" -> liveHeapBytes();
      default -> throw new IllegalArgumentException("an echo server has no order " + order);
    };
  }

  private Opened open(IoModel model, int loops) throws IOException {
    close();
    messages.reset();
    Engine opened = Engine.open(EngineOptions.of(model).withLoops(loops));
    engine = opened;
    InetSocketAddress address =
        opened.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Echo::new);
    return new Opened(address.getPort(), opened.loops());
  }

  private Counts counts() {
    Engine opened = engine;
    if (opened == null) {
      throw new IllegalStateException("the server was not opened");
    }
    EngineStatistics statistics = opened.statistics();
    Map<String, CallCounts> calls = new LinkedHashMap<>();
    for (SystemCall call : SystemCall.values()) {
      if (statistics.systemCalls().calls(call) > 0) {
        calls.put(
            call.callName(),
            new CallCounts(
                statistics.systemCalls().calls(call),
                statistics.systemCalls().wouldBlock(call),
                statistics.systemCalls().bytes(call)));
      }
    }
    return new Counts(
        messages.sum(),
        statistics.wakeups(),
        statistics.connections(),
        statistics.accepted(),
        statistics.refused(),
        calls);
  }

  private int fill(int upTo) throws IOException {
    int highest = -1;
    while (highest < upTo) {
      highest = kernel.eventfd(0, EventFd.EFD_CLOEXEC);
      if (highest < 0) {
        throw new IOException("no descriptor up to " + upTo + " can be had");
      }
      filling.push(highest);
    }
    return highest;
  }

  /// Asks select(2) of the kernel about one descriptor that is not below `limit`, in a set that is
  /// larger than the C library's.
  private int selectBeyond(int limit) throws IOException {
    int fd = fill(limit);
    FdSet larger = FdSet.allocate(arena, (fd / Long.SIZE + 1) * Long.SIZE);
    larger.set(fd);
    int found = kernel.select(fd + 1, null, larger, null, 0);
    free();
    return found == 1 && larger.isSet(fd) ? 1 : found;
  }

  // What is alive is known after a collection only.
  @SuppressWarnings("ExplicitGC")
  private static long liveHeapBytes() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private int free() {
    int count = filling.size();
    filling.forEach(kernel::close);
    filling.clear();
    return count;
  }

  @Override
  public void close() {
    if (engine != null) {
      engine.close();
    }
  }

  /// Sends back what comes; says why it refuses.
  private final class Echo implements Protocol {
    @Override
    public void onBytes(Connection connection, MemorySegment buffer, int offset, int length) {
      messages.increment();
      connection.write(buffer, offset, length);
    }

    @Override
    public void onRefused(Connection connection, Refusal refusal) {
      byte[] words = refusal.name().getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      connection.write(MemorySegment.ofArray(words), 0, words.length);
    }
  }
}
