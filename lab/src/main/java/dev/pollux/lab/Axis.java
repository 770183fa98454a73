package dev.pollux.lab;

/// One direction of a plot.
///
/// @param label what is measured along it: `descriptors watched`
/// @param unit its unit, as `µs`; empty for a plain count
/// @param log whether equal steps along it are equal factors
public record Axis(String label, String unit, boolean log) {

  /// Equal steps are equal differences.
  public static Axis linear(String label, String unit) {
    return new Axis(label, unit, false);
  }

  /// Equal steps are equal factors.
  public static Axis log(String label, String unit) {
    return new Axis(label, unit, true);
  }
}
