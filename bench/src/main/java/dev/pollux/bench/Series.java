package dev.pollux.bench;

import dev.pollux.lab.load.LoadJob;
import dev.pollux.lab.load.LoadPlan;
import dev.pollux.lab.load.LoadResult;
import dev.pollux.lab.machine.ProcessFigures;
import dev.pollux.lab.worker.Worker;
import dev.pollux.lab.worker.WorkerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Measures servers in turns: A B C, then C B A, so that what changes on the machine meanwhile
/// meets all of them alike.
///
/// Servers are bound to the first processor, the load to the second. A server is stopped while it
/// is not its turn.
final class Series {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Timing timing;
  private final Path log;
  private final Consumer<String> progress;
  private final Findings findings;

  /// How long it takes.
  ///
  /// @param rounds of W1, W2 and W3
  /// @param fewerRounds of the other workloads
  /// @param measuredMillis of each measurement
  /// @param loadWarmUpMillis load before each measurement, by the same process of the load
  /// @param jvmWarmUpMillis load of each workload on each JVM, and on what may be one, before the
  ///   first round
  record Timing(
      int rounds,
      int fewerRounds,
      long measuredMillis,
      long loadWarmUpMillis,
      long jvmWarmUpMillis) {
    static final Timing FULL = new Timing(5, 3, 3_000, 1_000, 8_000);
    static final Timing QUICK = new Timing(2, 2, 1_500, 600, 3_000);

    /// The same with other rounds of each workload.
    Timing withRounds(int number) {
      return new Timing(number, number, measuredMillis, loadWarmUpMillis, jvmWarmUpMillis);
    }

    int roundsOf(Workload workload) {
      return workload.isMain() ? rounds : fewerRounds;
    }
  }

  /// @param log takes what the servers write on standard error
  /// @param progress is told what is done now
  /// @param findings take what is measured
  Series(Timing timing, Path log, Consumer<String> progress, Findings findings) {
    this.timing = timing;
    this.log = log;
    this.progress = progress;
    this.findings = findings;
  }

  /// Runs the workloads, of one variant, on the servers that can.
  void run(List<Workload> workloads, List<Contestant> contestants)
      throws IOException, InterruptedException {
    List<Entrant> entrants = new ArrayList<>();
    try {
      for (Contestant contestant : contestants) {
        progress.accept("starting " + contestant.title());
        entrants.add(
            new Entrant(
                contestant,
                ContestantProcess.start(contestant, workloads.getFirst().variant(), log)));
      }
      for (Workload workload : workloads) {
        List<Entrant> able =
            new ArrayList<>(entrants.stream().filter(e -> e.contestant.runs(workload)).toList());
        int rounds = timing.roundsOf(workload);
        findings.begin(workload.name(), rounds);
        warmUp(workload, able);
        for (int round = 1; round <= rounds; round++) {
          for (Entrant entrant : able) {
            progress.accept(
                workload.name()
                    + ", round "
                    + round
                    + " of "
                    + rounds
                    + ": "
                    + entrant.contestant.title());
            findings.add(measure(workload, entrant, round));
          }
          findings.roundDone();
          Collections.reverse(able);
        }
      }
    } finally {
      ContestantProcess.closeAll(entrants.stream().map(Entrant::process).toList());
    }
  }

  private record Entrant(Contestant contestant, ContestantProcess process) {}

  private void warmUp(Workload workload, List<Entrant> able)
      throws IOException, InterruptedException {
    for (Entrant entrant : able) {
      if (entrant.contestant.isWarmedUp()) {
        progress.accept(workload.name() + ": warming " + entrant.contestant.title() + " up");
        load(workload, entrant, 0, timing.jvmWarmUpMillis());
      }
    }
  }

  private Measurement measure(Workload workload, Entrant entrant, int round)
      throws IOException, InterruptedException {
    ProcessFigures before = entrant.process.figures();
    LoadResult result = load(workload, entrant, timing.loadWarmUpMillis(), timing.measuredMillis());
    ProcessFigures used = entrant.process.figures().since(before);
    Double cpuMicros = result.serverCpuMicrosPerMessage();
    if (cpuMicros == null) {
      throw new IOException(
          workload.name() + " on " + entrant.contestant.title() + ": no message came back");
    }
    return new Measurement(
        entrant.contestant.name(),
        workload.name(),
        round,
        cpuMicros,
        (double) used.userNanos() / Math.max(1, used.cpuNanos()),
        result.messagesPerSecond(),
        result.p50Micros(),
        result.p99Micros());
  }

  /// One load, in a process of its own: the JVM of a load that was warm for another payload would
  /// not be the same for everybody.
  private LoadResult load(Workload workload, Entrant entrant, long warmUpMillis, long millis)
      throws IOException, InterruptedException {
    LoadPlan plan =
        workload
            .planFor(entrant.process.port(), entrant.process.pid())
            .withTimes(warmUpMillis, millis, 0);
    entrant.process.resume();
    try (Worker load = Worker.start(LoadJob.class, WorkerOptions.DEFAULT.onCore(1))) {
      LoadResult result =
          load.await(
              load.begin(
                  // The servers sign their certificate themselves.
                  "run-insecure", Map.of("plan", plan)),
              PATIENCE,
              LoadResult.class);
      if (!result.allWell()) {
        throw new IOException(
            workload.name()
                + " on "
                + entrant.contestant.title()
                + " went wrong: "
                + result.problem());
      }
      return result;
    } finally {
      entrant.process.suspend();
    }
  }
}
