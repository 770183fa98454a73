package dev.pollux.lab;

import java.util.List;
import java.util.OptionalDouble;

/// One value for each of several things, drawn as bars.
///
/// @param id its name in `report.json` and in the experiment's rule, unique in the finding
/// @param title what it shows, in a few words
/// @param y the axis of the values; a logarithmic one shows values of very different size
/// @param bars the values, in the order in which they are shown
public record Bars(String id, String title, Axis y, List<Bar> bars) {

  public Bars {
    bars = List.copyOf(bars);
  }

  /// One value.
  ///
  /// @param name what it was measured of, as [Series#name]
  /// @param value what was measured
  public record Bar(String name, double value) {}

  /// The value of that name, if it was measured.
  public OptionalDouble at(String name) {
    return bars.stream().filter(b -> b.name().equals(name)).mapToDouble(Bar::value).findFirst();
  }
}
