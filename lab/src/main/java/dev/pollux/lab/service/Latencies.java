package dev.pollux.lab.service;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// How long echoes took.
public final class Latencies {
  private final long[] sortedNanos;
  private final long elapsedNanos;
  private final boolean stalled;

  /// @param nanos how long they took, in any order
  /// @param count how many of these there are, from the first on
  /// @param elapsedNanos how long all of it took
  /// @param stalled whether one did not come back in the time that it was given
  Latencies(long[] nanos, int count, long elapsedNanos, boolean stalled) {
    this.sortedNanos = Arrays.copyOf(nanos, count);
    this.elapsedNanos = elapsedNanos;
    this.stalled = stalled;
    Arrays.sort(sortedNanos);
  }

  /// Whether one did not come back in the time that it was given; nothing was asked after it.
  public boolean stalled() {
    return stalled;
  }

  /// The time within which that part of the echoes came back, in µs; NaN if none did.
  ///
  /// @param part from 0 to 1: 0.5 for the median
  public double micros(double part) {
    if (sortedNanos.length == 0) {
      return Double.NaN;
    }
    int index = (int) Math.ceil(part * sortedNanos.length) - 1;
    return sortedNanos[Math.clamp(index, 0, sortedNanos.length - 1)] / 1e3;
  }

  /// The same for a table: null if none came back.
  public @Nullable Double cell(double part) {
    return sortedNanos.length == 0 ? null : micros(part);
  }

  /// How many came back in a second.
  public double perSecond() {
    return sortedNanos.length * 1e9 / elapsedNanos;
  }
}
