package dev.pollux.lab.experiment;

import java.util.Arrays;

/// The value in the middle, which a few spoilt samples do not move.
final class Medians {
  private Medians() {}

  /// Of an even number, the mean of the two in the middle; not a number if there is none.
  static double of(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
