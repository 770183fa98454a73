package dev.pollux.lab;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// Series over common axes. The report draws it as lines, with the same values as a table beneath.
///
/// @param id its name in `report.json` and in the experiment's rule, unique in the finding:
///   `wait-one-active`
/// @param title what it shows, in a few words
/// @param x the axis along which was varied
/// @param y the axis of what was measured
/// @param series what was measured, one for each thing compared
public record Plot(String id, String title, Axis x, Axis y, List<Series> series) {

  public Plot {
    series = List.copyOf(series);
  }

  /// The series of that name, if it was measured.
  public Optional<Series> series(String name) {
    return series.stream().filter(each -> each.name().equals(name)).findFirst();
  }

  /// The value of a series at `x`, if it was measured.
  public OptionalDouble at(String name, double x) {
    return series(name).map(found -> found.at(x)).orElse(OptionalDouble.empty());
  }
}
