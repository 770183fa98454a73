package dev.pollux.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// What the rounds of one workload say of one server: medians, and the ratio to another line of the
/// same rounds with how far it can be trusted.
///
/// @param server its name
/// @param workload its name
/// @param rounds how many there were
/// @param cpuMicros median server CPU per message, in µs
/// @param ratio median of the rounds' ratios to the reference, or NaN if there is none
/// @param ratioLower95 where the 95 % interval of that median begins ([Spread]), or NaN
/// @param ratioUpper95 where it ends
/// @param ratioFirstQuartile a quarter of the rounds' ratios is below
/// @param ratioThirdQuartile a quarter of them is above
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
    double ratioLower95,
    double ratioUpper95,
    double ratioFirstQuartile,
    double ratioThirdQuartile,
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
      Spread ratio =
          Spread.of(
              own.stream()
                  .flatMap(m ->
                      all.stream()
                          .filter(other ->
                              other.round() == m.round()
                                  && other.workload().equals(control.orElse(workload))
                                  && other
                                      .server()
                                      .equals(control.isPresent() ? server : reference))
                          .map(other -> m.cpuMicros() / other.cpuMicros()))
                  .mapToDouble(Double::doubleValue)
                  .toArray());
      summaries.add(
          new Summary(
              server,
              workload,
              own.size(),
              medianOf(own, Measurement::cpuMicros),
              ratio.median(),
              ratio.lower95(),
              ratio.upper95(),
              ratio.firstQuartile(),
              ratio.thirdQuartile(),
              medianOf(own, Measurement::userShare),
              medianOf(own, Measurement::perSecond),
              medianOf(own, Measurement::p50Micros),
              medianOf(own, Measurement::p99Micros)));
    }
    return summaries;
  }

  private static double medianOf(List<Measurement> measured, ToDoubleFunction<Measurement> figure) {
    return Spread.medianOf(measured.stream().mapToDouble(figure).toArray());
  }
}
