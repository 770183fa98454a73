package dev.pollux.bench;

import java.util.List;

/// That a run ended before its time, and where.
///
/// @param reason what ended it
/// @param workloads those that were under way and share their rounds; none before the first
/// @param roundsDone how many rounds were whole; where the servers come one after the other, those
///   of all of them
/// @param rounds how many there were to be
public record Stopped(String reason, List<String> workloads, int roundsDone, int rounds) {
  public Stopped {
    workloads = List.copyOf(workloads);
  }

  /// For the heading of a report.
  String sentence() {
    return "Stopped "
        + (workloads.isEmpty()
            ? "before the first workload"
            : "in " + String.join(" and ", workloads) + " after " + share())
        + " ("
        + reason
        + "): what would have come afterwards is not there.";
  }

  /// Whether it says of a workload that it is not whole.
  boolean cutShort(String name) {
    return workloads.contains(name) && roundsDone < rounds;
  }

  /// `1 of 5 rounds`.
  String share() {
    return roundsDone + " of " + rounds + (rounds == 1 ? " round" : " rounds");
  }
}
