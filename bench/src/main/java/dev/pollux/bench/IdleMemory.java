package dev.pollux.bench;

import dev.pollux.lab.load.LoadJob;
import dev.pollux.lab.load.LoadPlan;
import dev.pollux.lab.load.LoadResult;
import dev.pollux.lab.worker.Worker;
import dev.pollux.lab.worker.WorkerOptions;
import java.io.IOException;
import java.io.Serializable;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// W5: what an idle connection costs in user space, by the slope between few and many.
///
/// Of a JVM: the live heap, after the full collection that `jcmd GC.class_histogram` does, and what
/// is resident besides. The heap is touched at the start ([Contestants]), so that it does not grow
/// and all growth of anonymous resident memory is off the heap. Of a program in C: all anonymous
/// resident memory.
final class IdleMemory {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long HOLD_MILLIS = 3_000;
  private static final long LOOK_NANOS = 200_000_000;
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");
  private static final Pattern ANONYMOUS = Pattern.compile("(?m)^RssAnon:\\s+(\\d+) kB");

  private final Path log;
  private final Consumer<String> progress;

  /// @param connections how many were idle
  /// @param heapBytes live on the heap; 0 in C
  /// @param offHeapBytes anonymous and resident, without the heap's growth
  record Sample(int connections, long heapBytes, long offHeapBytes) {}

  /// @param server its name
  /// @param heapBytes per connection, from the second fewest connections to the most
  /// @param offHeapBytes per connection, likewise
  /// @param samples what that was computed from
  record Slope(String server, double heapBytes, double offHeapBytes, List<Sample> samples) {
    Slope {
      samples = List.copyOf(samples);
    }

    /// Without the first sample, which pays for what is there once.
    static Slope of(String server, List<Sample> samples) {
      Sample few = samples.get(Math.min(1, samples.size() - 1));
      Sample many = samples.getLast();
      double more = many.connections() - few.connections();
      return new Slope(
          server,
          (many.heapBytes() - few.heapBytes()) / more,
          (many.offHeapBytes() - few.offHeapBytes()) / more,
          samples);
    }
  }

  IdleMemory(Path log, Consumer<String> progress) {
    this.log = log;
    this.progress = progress;
  }

  /// Measures one server, in a process of its own.
  ///
  /// @param counts connections, fewest first; three or more
  Slope measure(Contestant contestant, List<Integer> counts)
      throws IOException, InterruptedException {
    List<Sample> samples = new ArrayList<>();
    try (ContestantProcess server =
        ContestantProcess.start(contestant, Workload.Variant.PLAIN, log)) {
      server.resume();
      for (int count : counts) {
        progress.accept("W5: " + contestant.title() + ", " + count + " connections");
        samples.add(sample(server, contestant.isJvm(), count));
      }
    }
    return Slope.of(contestant.name(), samples);
  }

  private static Sample sample(ContestantProcess server, boolean jvm, int connections)
      throws IOException, InterruptedException {
    LoadPlan plan =
        LoadPlan.of(URI.create("ws://127.0.0.1:" + server.port() + "/echo"))
            .withMode(LoadPlan.Mode.IDLE)
            .withConnections(connections)
            .withTimes(0, HOLD_MILLIS, 0);
    try (Worker load = Worker.start(LoadJob.class, WorkerOptions.DEFAULT.onCore(1))) {
      CompletableFuture<Optional<Serializable>> held = load.begin("run", Map.of("plan", plan));
      Sample sample = null;
      // The last look before the load lets go counts: all connections are open then.
      while (!held.isDone()) {
        if (established(server.port()) >= connections) {
          sample =
              new Sample(connections, jvm ? liveHeap(server.pid()) : 0, anonymous(server.pid()));
        }
        LockSupport.parkNanos(LOOK_NANOS);
      }
      load.await(held, PATIENCE, LoadResult.class);
      if (sample == null) {
        throw new IOException(server.name() + " never held " + connections + " connections");
      }
      return sample;
    }
  }

  /// Connections of the server's side, from /proc/net/tcp: state 01 is ESTABLISHED.
  private static long established(int port) throws IOException {
    String local = String.format(":%04X ", port);
    long count = 0;
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      if (Files.exists(Path.of(table))) {
        try (var lines = Files.lines(Path.of(table))) {
          count +=
              lines
                  .filter(line -> {
                    int at = line.indexOf(local);
                    return at > 0 && at < 45 && line.indexOf(" 01 ", at) > 0;
                  })
                  .count();
        }
      }
    }
    return count;
  }

  private static long liveHeap(long pid) throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Matcher total = TOTAL.matcher(said);
    if (jcmd.waitFor() != 0 || !total.find()) {
      throw new IOException("jcmd tells no live heap of process " + pid + ": " + said.strip());
    }
    return Long.parseLong(total.group(1));
  }

  private static long anonymous(long pid) throws IOException {
    Matcher matcher =
        ANONYMOUS.matcher(Files.readString(Path.of("/proc", Long.toString(pid), "status")));
    return matcher.find() ? Long.parseLong(matcher.group(1)) * 1024 : 0;
  }
}
