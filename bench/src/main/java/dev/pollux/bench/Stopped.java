package dev.pollux.bench;

/// That a run ended before its time, and where.
///
/// @param reason what ended it
/// @param workload the one that was under way; empty before the first
/// @param roundsDone how often every server had had its turn in it
/// @param rounds how often they were to have it
public record Stopped(String reason, String workload, int roundsDone, int rounds) {

  /// For the heading of a report.
  String sentence() {
    return "Stopped "
        + (workload.isEmpty()
            ? "before the first workload"
            : "in " + workload + " after " + share())
        + " ("
        + reason
        + "): what would have come afterwards is not there.";
  }

  /// Whether it says of a workload that it is not whole.
  boolean cutShort(String name) {
    return workload.equals(name) && roundsDone < rounds;
  }

  /// `1 of 5 rounds`.
  String share() {
    return roundsDone + " of " + rounds + (rounds == 1 ? " round" : " rounds");
  }
}
