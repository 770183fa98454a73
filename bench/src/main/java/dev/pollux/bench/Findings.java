package dev.pollux.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/// What a run has found so far, and how far it has come: of one thread.
final class Findings {
  private final List<Measurement> measurements = new ArrayList<>();
  private final Map<String, List<IdleMemory.Slope>> idle = new HashMap<>();
  private final Map<String, List<Double>> startMillis = new HashMap<>();
  private List<String> workloads = List.of();
  private int rounds;
  private int roundsDone;

  /// Workloads begin that share their rounds.
  ///
  /// @param planned their rounds
  void begin(List<String> names, int planned) {
    workloads = List.copyOf(names);
    rounds = planned;
    roundsDone = 0;
  }

  /// Everyone who takes turns has had one more.
  void roundDone() {
    roundsDone++;
  }

  void add(Measurement measurement) {
    measurements.add(measurement);
  }

  /// A process of a server has shown what its connections cost.
  void addIdle(String server, IdleMemory.Slope slope) {
    idle.computeIfAbsent(server, name -> new ArrayList<>()).add(slope);
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

  /// Of each server whose memory was measured, in this order.
  List<IdleMemory.Idle> idle(List<Contestant> servers) {
    return summedUp(idle, servers, IdleMemory.Idle::of);
  }

  /// Of each server that was started, in this order.
  List<StartTime.Start> starts(List<Contestant> servers) {
    return summedUp(startMillis, servers, StartTime.Start::of);
  }

  private static <T, S> List<S> summedUp(
      Map<String, List<T>> found, List<Contestant> servers, BiFunction<String, List<T>, S> sum) {
    return servers.stream()
        .map(Contestant::name)
        .filter(found::containsKey)
        .map(name -> sum.apply(name, found.getOrDefault(name, List.of())))
        .toList();
  }

  /// That the run ends here.
  Stopped stopped(String reason) {
    return new Stopped(reason, workloads, roundsDone, rounds);
  }
}
