package dev.pollux.bench;

import java.util.Arrays;

/// Where the median of what was measured lies, and how far what was measured lies around it. It
/// takes nothing for granted of how that is distributed; one that strays counts no more than any
/// other.
///
/// @param median the middle one, or the mean of the two in the middle
/// @param lower95 where the 95 % interval of the median begins: of intervals found like this one at
///   least 95 % hold the median that ever more measurements would come to, if these do not depend
///   on each other. NaN of fewer than six, which are too few for one
/// @param upper95 where it ends
/// @param firstQuartile a quarter is below
/// @param thirdQuartile a quarter is above
record Spread(
    double median, double lower95, double upper95, double firstQuartile, double thirdQuartile) {
  private static final double TAIL = 0.025;

  /// That of these; of none it is NaN throughout.
  static Spread of(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int count = sorted.length;
    int outside = outside(count);
    return new Spread(
        quantile(sorted, 0.5),
        outside == 0 ? Double.NaN : sorted[outside - 1],
        outside == 0 ? Double.NaN : sorted[count - outside],
        quantile(sorted, 0.25),
        quantile(sorted, 0.75));
  }

  /// The median alone.
  static double medianOf(double... values) {
    return of(values).median;
  }

  /// Which of so many, counted from either end, is the first within the interval; 0 if there is
  /// none.
  ///
  /// As many as a coin shows heads are below the true median. So the k-th smallest is above it with
  /// the probability of fewer than k heads, which may be 2.5 %, and as much at the other end.
  static int outside(int count) {
    double logProbability = -count * Math.log(2);
    double fewer = 0;
    int k = 0;
    while (k < count) {
      fewer += Math.exp(logProbability);
      if (fewer > TAIL) {
        break;
      }
      logProbability += Math.log((double) (count - k) / (k + 1));
      k++;
    }
    return k;
  }

  /// Between two of them in proportion.
  private static double quantile(double[] sorted, double share) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
