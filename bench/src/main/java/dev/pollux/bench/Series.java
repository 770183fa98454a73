package dev.pollux.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Measures servers in many short turns: A B C, then C B A, so that what changes on the machine
/// meanwhile meets all of them alike. In the standard set two spans that are compared are at most
/// two seconds apart.
///
/// A workload and its control take turns as well. Where the connections of one would weigh on the
/// other, each has a process of the server for itself, and the servers come one after the other,
/// because each is compared with itself only. No two JVMs have compiled quite the same, so that in
/// the middle of the rounds the processes change their places.
///
/// Servers are bound to the first processor, the load to the second. A server is stopped while it
/// is not its turn.
final class Series {
  /// Warm-ups take turns, so that no server is stopped for so long that it misses its clients.
  private static final long WARM_UP_TURN_MILLIS = 1_000;

  private final Timing timing;
  private final Path log;
  private final Consumer<String> progress;
  private final Findings findings;

  /// How long it takes.
  ///
  /// @param rounds of W1, W2 and W3, and of what takes turns with one of them
  /// @param fewerRounds of the other workloads
  /// @param spanMillis of each measurement
  /// @param settleMillis load before each of them: the caches of a process that was stopped are
  ///   cold
  /// @param warmUpMillis load of each workload on each server before the first round
  record Timing(
      int rounds, int fewerRounds, long spanMillis, long settleMillis, long warmUpMillis) {
    static final Timing FULL = new Timing(40, 32, 200, 50, 8_000);
    static final Timing QUICK = new Timing(15, 9, 200, 50, 3_000);

    /// The same with other rounds of each workload.
    Timing withRounds(int number) {
      return new Timing(number, number, spanMillis, settleMillis, warmUpMillis);
    }

    /// The same with another warm-up.
    Timing withWarmUp(long millis) {
      return new Timing(rounds, fewerRounds, spanMillis, settleMillis, millis);
    }

    int roundsOf(List<Workload> group) {
      return group.stream().anyMatch(Workload::isMain) ? rounds : fewerRounds;
    }
  }

  /// One that takes turns with others.
  private record Entrant(Contestant contestant, ContestantProcess process, Workload workload) {}

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
    List<List<Workload>> groups = Workload.groups(workloads);
    Map<Contestant, ContestantProcess> processes = new LinkedHashMap<>();
    try {
      for (List<Workload> group : groups) {
        if (group.stream().anyMatch(Workload::apart)) {
          measureApart(group, contestants);
        } else {
          measureTogether(group, contestants, processes);
        }
      }
    } finally {
      ContestantProcess.closeAll(List.copyOf(processes.values()));
    }
  }

  /// All servers by turns, each in one process.
  ///
  /// @param processes those that run already, and then those that are started
  private void measureTogether(
      List<Workload> group,
      List<Contestant> contestants,
      Map<Contestant, ContestantProcess> processes)
      throws IOException, InterruptedException {
    int rounds = timing.roundsOf(group);
    findings.begin(names(group), rounds);
    List<Entrant> entrants = new ArrayList<>();
    for (Contestant contestant : contestants) {
      for (Workload workload : group) {
        if (contestant.runs(workload)) {
          ContestantProcess process = processes.get(contestant);
          if (process == null) {
            process = started(contestant, workload);
            processes.put(contestant, process);
          }
          entrants.add(new Entrant(contestant, process, workload));
        }
      }
    }
    inTurns(entrants, String.join(" and ", names(group)), 1, rounds, rounds);
  }

  /// One server after the other, each in as many processes as there are workloads.
  private void measureApart(List<Workload> group, List<Contestant> contestants)
      throws IOException, InterruptedException {
    List<Contestant> able =
        contestants.stream().filter(c -> group.stream().allMatch(c::runs)).toList();
    int rounds = timing.roundsOf(group);
    findings.begin(names(group), rounds * able.size());
    for (Contestant contestant : able) {
      List<ContestantProcess> processes = new ArrayList<>();
      try {
        for (Workload workload : group) {
          processes.add(started(contestant, workload));
        }
        String what = String.join(" and ", names(group)) + " on " + contestant.title();
        for (int part = 0; part < group.size(); part++) {
          List<Entrant> entrants = new ArrayList<>();
          for (int i = 0; i < group.size(); i++) {
            entrants.add(new Entrant(contestant, processes.get(i), group.get(i)));
          }
          inTurns(
              entrants,
              what,
              rounds * part / group.size() + 1,
              rounds * (part + 1) / group.size(),
              rounds);
          Collections.rotate(processes, 1);
        }
      } finally {
        ContestantProcess.closeAll(processes);
      }
    }
  }

  private ContestantProcess started(Contestant contestant, Workload workload)
      throws IOException, InterruptedException {
    progress.accept("starting " + contestant.title());
    return ContestantProcess.start(contestant, workload.variant(), log);
  }

  /// Connects to them, warms them up, and measures them from one round to another.
  private void inTurns(List<Entrant> entrants, String what, int first, int last, int rounds)
      throws IOException, InterruptedException {
    if (first > last) {
      return;
    }
    List<LoadedServer> loaded = new ArrayList<>();
    try {
      progress.accept(what + ": connecting");
      for (Entrant entrant : entrants) {
        loaded.add(LoadedServer.connect(entrant.contestant, entrant.process, entrant.workload));
      }
      progress.accept(what + ": warming up");
      for (long past = 0; past < timing.warmUpMillis(); past += WARM_UP_TURN_MILLIS) {
        for (LoadedServer each : loaded) {
          each.warmUp(Math.min(WARM_UP_TURN_MILLIS, timing.warmUpMillis() - past));
        }
      }
      for (int round = first; round <= last; round++) {
        progress.accept(what + ", round " + round + " of " + rounds);
        for (LoadedServer each : loaded) {
          findings.add(each.measure(round, timing.settleMillis(), timing.spanMillis()));
        }
        findings.roundDone();
        Collections.reverse(loaded);
      }
      for (LoadedServer each : loaded) {
        each.disconnect();
      }
    } finally {
      loaded.forEach(LoadedServer::close);
    }
  }

  private static List<String> names(List<Workload> group) {
    return group.stream().map(Workload::name).toList();
  }
}
