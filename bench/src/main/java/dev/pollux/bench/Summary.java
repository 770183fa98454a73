package dev.pollux.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// What the rounds of one workload say of one server: medians, and the ratio to another line of the
/// same rounds with its spread.
///
/// @param server its name
/// @param workload its name
/// @param rounds how many there were
/// @param cpuMicros median server CPU per message, in µs
/// @param ratio median of the rounds' ratios to the reference, or NaN if there is none
/// @param leastRatio the smallest of them
/// @param greatestRatio the largest of them
/// @param userShare median share of user time
/// @param perSecond median messages a second
/// @param p50Micros median of the medians of latency, in µs
/// @param p99Micros median of the 99th percentiles, in µs
public record Summary(
    String server,
    String workload,
    int rounds,
    double cpuMicros,
    double ratio,
    double leastRatio,
    double greatestRatio,
    double userShare,
    double perSecond,
    double p50Micros,
    double p99Micros) {

  /// Sums up each server, in the order of its first measurement.
  ///
  /// @param reference the server (of the same workload) or, with `control`, the workload (of the
  ///   same server) that ratios refer to; a round's ratio is that of the two measurements of that
  ///   round
  static List<Summary> of(
      List<Measurement> all, String workload, String reference, Optional<String> control) {
    List<Measurement> here = all.stream().filter(m -> m.workload().equals(workload)).toList();
    List<Summary> summaries = new ArrayList<>();
    for (String server : here.stream().map(Measurement::server).distinct().toList()) {
      List<Measurement> own = here.stream().filter(m -> m.server().equals(server)).toList();
      double[] ratios =
          own.stream()
              .flatMap(m ->
                  all.stream()
                      .filter(other ->
                          other.round() == m.round()
                              && other.workload().equals(control.orElse(workload))
                              && other.server().equals(control.isPresent() ? server : reference))
                      .map(other -> m.cpuMicros() / other.cpuMicros()))
              .mapToDouble(Double::doubleValue)
              .toArray();
      summaries.add(
          new Summary(
              server,
              workload,
              own.size(),
              medianOf(own, Measurement::cpuMicros),
              median(ratios),
              Arrays.stream(ratios).min().orElse(Double.NaN),
              Arrays.stream(ratios).max().orElse(Double.NaN),
              medianOf(own, Measurement::userShare),
              medianOf(own, Measurement::perSecond),
              medianOf(own, Measurement::p50Micros),
              medianOf(own, Measurement::p99Micros)));
    }
    return summaries;
  }

  private static double medianOf(List<Measurement> measured, ToDoubleFunction<Measurement> figure) {
    return median(measured.stream().mapToDouble(figure).toArray());
  }

  /// The middle one, or the mean of the two in the middle; NaN of nothing.
  static double median(double... values) {
    if (values.length == 0) {
      return Double.NaN;
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
