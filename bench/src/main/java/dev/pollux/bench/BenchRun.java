package dev.pollux.bench;

import dev.pollux.lab.EarlyStop;
import dev.pollux.lab.machine.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One run of the benchmark: the workloads on the servers, and the report of what was found until
/// its end, or until it was stopped or a server failed.
final class BenchRun {
  private static final int STARTS = 7;
  private static final int QUICK_STARTS = 3;

  private final Plan plan;
  private final Path log;
  private final Consumer<String> progress;
  private final Findings findings = new Findings();

  /// What is to be measured.
  ///
  /// @param servers in their first turn's order
  /// @param workloads those with a load
  /// @param idle whether the memory of idle connections is measured
  /// @param start whether starts are
  /// @param quick hardly warmed up, and less often
  /// @param rounds of each workload; 0 for as many as are usual
  /// @param warmUpSeconds before the rounds of a workload; 0 for as long as is usual
  record Plan(
      List<Contestant> servers,
      List<Workload> workloads,
      boolean idle,
      boolean start,
      boolean quick,
      int rounds,
      int warmUpSeconds) {

    Plan {
      servers = List.copyOf(servers);
      workloads = List.copyOf(workloads);
    }

    private Series.Timing timing() {
      Series.Timing usual = quick ? Series.Timing.QUICK : Series.Timing.FULL;
      if (rounds > 0) {
        usual = usual.withRounds(rounds);
      }
      return warmUpSeconds > 0 ? usual.withWarmUp(warmUpSeconds * 1_000L) : usual;
    }

    private List<Contestant> able(List<Workload> some) {
      return servers.stream().filter(server -> some.stream().anyMatch(server::runs)).toList();
    }
  }

  /// @param log takes what the servers write on standard error
  /// @param progress is told what is done now
  BenchRun(Plan plan, Path log, Consumer<String> progress) {
    this.plan = plan;
    this.log = log;
    this.progress = progress;
  }

  /// Measures. All processes that it has started have ended when it returns.
  ///
  /// @return also of a run that was stopped, or of which a server or the load failed: what was
  ///   found until then, and why there is no more
  BenchReport run(EarlyStop stop) {
    String reason = null;
    try {
      if (stop.enter()) {
        measure();
      }
    } catch (IOException e) {
      reason = String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      reason = "interrupted";
    }
    // Ctrl-C reaches the servers and the load as well: how they ended says nothing then.
    return report(stop.leave() ? "interrupted" : reason);
  }

  /// Whether nothing was found at all.
  boolean isEmpty() {
    return findings.isEmpty();
  }

  private void measure() throws IOException, InterruptedException {
    plan.workloads.forEach(this::tellWhoIsNotInIt);
    Series series = new Series(plan.timing(), log, progress, findings);
    for (Workload.Variant variant : Workload.Variant.values()) {
      List<Workload> ofVariant =
          plan.workloads.stream().filter(w -> w.variant() == variant).toList();
      if (!ofVariant.isEmpty()) {
        series.run(ofVariant, plan.able(ofVariant));
      }
    }
    if (plan.idle) {
      new IdleMemory(log, progress, findings).measure(plan.servers, plan.quick, plan.rounds);
    }
    if (plan.start) {
      new StartTime(log, progress, findings)
          .measure(plan.servers, plan.quick ? QUICK_STARTS : STARTS);
    }
  }

  private void tellWhoIsNotInIt(Workload workload) {
    List<String> unable =
        plan.servers.stream()
            .filter(server -> !server.runs(workload))
            .map(Contestant::title)
            .toList();
    if (!unable.isEmpty()) {
      progress.accept(workload.name() + ": without " + String.join(", ", unable));
    }
  }

  private BenchReport report(@Nullable String reason) {
    List<Summary> summaries = new ArrayList<>();
    for (Workload workload : plan.workloads) {
      Optional<String> reference =
          plan.able(List.of(workload)).stream()
              .findFirst()
              .map(Contestant::name)
              .filter(first -> workload.isComparedWithTheFirst());
      summaries.addAll(
          Summary.of(
              findings.measurements(), workload.name(), reference.orElse(""), workload.control()));
    }
    Map<String, String> titles = new LinkedHashMap<>();
    plan.servers.forEach(contestant -> titles.put(contestant.name(), contestant.title()));
    return new BenchReport(
        System.getProperty("pollux.commit", "unknown"),
        LocalDate.now(ZoneOffset.UTC).toString(),
        Machine.here(),
        plan.quick,
        plan.timing().warmUpMillis(),
        reason == null ? null : findings.stopped(reason),
        titles,
        PeerVersions.onTheClassPath(),
        findings.measurements(),
        summaries,
        findings.idle(plan.servers),
        findings.starts(plan.servers));
  }
}
