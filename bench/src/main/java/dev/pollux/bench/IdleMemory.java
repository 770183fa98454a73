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
import java.util.Collections;
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
///
/// What the JIT compiler takes and gives back stays resident, megabytes at a time: `jcmd
/// System.trim_native_heap` has it returned before a look. What is left of it differs from process
/// to process, so that there are several, in turns, and their median counts.
final class IdleMemory {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long HOLD_MILLIS = 3_000;
  private static final long LOOK_NANOS = 200_000_000;
  private static final List<Integer> COUNTS = List.of(1_000, 5_000, 10_000, 19_000);
  private static final List<Integer> QUICK_COUNTS = List.of(500, 1_000, 5_000);
  private static final int ROUNDS = 2;
  private static final int LAST_SOURCE = 250;
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");
  private static final Pattern ANONYMOUS = Pattern.compile("(?m)^RssAnon:\\s+(\\d+) kB");

  private final Path log;
  private final Consumer<String> progress;
  private final Findings findings;
  private int source;

  /// @param connections how many were idle
  /// @param heapBytes live on the heap; 0 in C
  /// @param offHeapBytes anonymous and resident, without the heap's growth
  record Sample(int connections, long heapBytes, long offHeapBytes) {}

  /// What one process says.
  ///
  /// @param heapBytes per connection, from the second fewest connections to the most
  /// @param offHeapBytes per connection, likewise
  /// @param samples what that was computed from
  record Slope(double heapBytes, double offHeapBytes, List<Sample> samples) {
    Slope {
      samples = List.copyOf(samples);
    }

    /// Without the first sample, which pays for what is there once.
    static Slope of(List<Sample> samples) {
      Sample few = samples.get(Math.min(1, samples.size() - 1));
      Sample many = samples.getLast();
      double more = many.connections() - few.connections();
      return new Slope(
          (many.heapBytes() - few.heapBytes()) / more,
          (many.offHeapBytes() - few.offHeapBytes()) / more,
          samples);
    }

    double bytes() {
      return heapBytes + offHeapBytes;
    }
  }

  /// What all processes of a server say.
  ///
  /// @param server its name
  /// @param heapBytes per connection, the median
  /// @param offHeapBytes per connection, the median
  /// @param bytes both together per connection, the median
  /// @param leastBytes both together, of the process with the least
  /// @param greatestBytes both together, of the process with the most
  /// @param slopes one for each process
  record Idle(
      String server,
      double heapBytes,
      double offHeapBytes,
      double bytes,
      double leastBytes,
      double greatestBytes,
      List<Slope> slopes) {
    Idle {
      slopes = List.copyOf(slopes);
    }

    static Idle of(String server, List<Slope> slopes) {
      double[] bytes = slopes.stream().mapToDouble(Slope::bytes).sorted().toArray();
      return new Idle(
          server,
          Spread.medianOf(slopes.stream().mapToDouble(Slope::heapBytes).toArray()),
          Spread.medianOf(slopes.stream().mapToDouble(Slope::offHeapBytes).toArray()),
          Spread.medianOf(bytes),
          bytes[0],
          bytes[bytes.length - 1],
          slopes);
    }
  }

  /// @param log takes what the servers write on standard error
  /// @param progress is told what is done now
  /// @param findings take what is measured
  IdleMemory(Path log, Consumer<String> progress, Findings findings) {
    this.log = log;
    this.progress = progress;
    this.findings = findings;
  }

  /// Measures servers in turns, each time in a process of its own.
  ///
  /// @param asked rounds; 0 for as many as are usual
  void measure(List<Contestant> contestants, boolean quick, int asked)
      throws IOException, InterruptedException {
    int rounds = asked > 0 ? asked : ROUNDS;
    findings.begin(List.of("W5"), rounds);
    List<Contestant> turn = new ArrayList<>(contestants);
    for (int round = 1; round <= rounds; round++) {
      for (Contestant contestant : turn) {
        String where = "W5, round " + round + " of " + rounds + ": " + contestant.title();
        findings.addIdle(
            contestant.name(), measure(contestant, where, quick ? QUICK_COUNTS : COUNTS));
      }
      findings.roundDone();
      Collections.reverse(turn);
    }
  }

  /// @param counts connections, fewest first; three or more
  private Slope measure(Contestant contestant, String where, List<Integer> counts)
      throws IOException, InterruptedException {
    List<Sample> samples = new ArrayList<>();
    try (ContestantProcess server =
        ContestantProcess.start(contestant, Workload.Variant.PLAIN, log)) {
      server.resume();
      for (int count : counts) {
        progress.accept(where + ", " + count + " connections");
        samples.add(sample(server, contestant.isJvm(), count));
      }
    }
    return Slope.of(samples);
  }

  private Sample sample(ContestantProcess server, boolean jvm, int connections)
      throws IOException, InterruptedException {
    LoadPlan plan =
        LoadPlan.of(URI.create("ws://127.0.0.1:" + server.port() + "/echo"))
            .withMode(LoadPlan.Mode.IDLE)
            .withConnections(connections)
            .withSources(List.of("127.0.0." + nextSource()))
            .withTimes(0, HOLD_MILLIS, 0);
    try (Worker load = Worker.start(LoadJob.class, WorkerOptions.DEFAULT.onCore(1))) {
      CompletableFuture<Optional<Serializable>> held = load.begin("run", Map.of("plan", plan));
      Sample sample = null;
      // The last look before the load lets go counts: all connections are open then.
      while (!held.isDone()) {
        if (established(server.port()) >= connections) {
          sample = look(server.pid(), jvm, connections);
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

  /// An address of its own for each sample: the ports of the last one are in TIME_WAIT, and to find
  /// 19,000 that are not took half a minute.
  private int nextSource() {
    source = source % LAST_SOURCE + 1;
    return source;
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

  private static Sample look(long pid, boolean jvm, int connections)
      throws IOException, InterruptedException {
    if (!jvm) {
      return new Sample(connections, 0, anonymous(pid));
    }
    String histogram = jcmd(pid, "GC.class_histogram");
    Matcher total = TOTAL.matcher(histogram);
    if (!total.find()) {
      throw new IOException("jcmd tells no live heap of process " + pid + ": " + histogram.strip());
    }
    jcmd(pid, "System.trim_native_heap");
    return new Sample(connections, Long.parseLong(total.group(1)), anonymous(pid));
  }

  private static String jcmd(long pid, String command) throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                command)
            .redirectErrorStream(true)
            .start();
    String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (jcmd.waitFor() != 0) {
      throw new IOException("jcmd " + pid + " " + command + " failed: " + said.strip());
    }
    return said;
  }

  private static long anonymous(long pid) throws IOException {
    Matcher matcher =
        ANONYMOUS.matcher(Files.readString(Path.of("/proc", Long.toString(pid), "status")));
    return matcher.find() ? Long.parseLong(matcher.group(1)) * 1024 : 0;
  }
}
