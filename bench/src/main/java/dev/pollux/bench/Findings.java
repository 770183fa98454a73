package dev.pollux.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a run has found so far, and how far it has come: of one thread.
final class Findings {
  private final List<Measurement> measurements = new ArrayList<>();
  private final List<IdleMemory.Slope> idle = new ArrayList<>();
  private final Map<String, List<Double>> startMillis = new HashMap<>();
  private String workload = "";
  private int rounds;
  private int roundsDone;

  /// A workload begins.
  ///
  /// @param planned its rounds
  void begin(String name, int planned) {
    workload = name;
    rounds = planned;
    roundsDone = 0;
  }

  /// Every server has had its turn once more.
  void roundDone() {
    roundsDone++;
  }

  void add(Measurement measurement) {
    measurements.add(measurement);
  }

  void add(IdleMemory.Slope slope) {
    idle.add(slope);
  }

  /// A server has taken so long to start.
  void addStart(String server, double millis) {
    startMillis.computeIfAbsent(server, name -> new ArrayList<>()).add(millis);
  }

  /// Whether there is nothing to report.
  boolean isEmpty() {
    return measurements.isEmpty() && idle.isEmpty() && startMillis.isEmpty();
  }

  List<Measurement> measurements() {
    return List.copyOf(measurements);
  }

  List<IdleMemory.Slope> idle() {
    return List.copyOf(idle);
  }

  /// Of each server that was started, in this order.
  List<StartTime.Start> starts(List<Contestant> servers) {
    return servers.stream()
        .map(Contestant::name)
        .flatMap(name ->
            Optional.ofNullable(startMillis.get(name))
                .map(taken -> StartTime.Start.of(name, taken))
                .stream())
        .toList();
  }

  /// That the run ends here.
  Stopped stopped(String reason) {
    return new Stopped(reason, workload, roundsDone, rounds);
  }
}
