package dev.pollux.lab.load;

import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// What is counted and measured by one loop; or, where there are no loops, by all connections.
final class Meter {
  private static final long HIGHEST_NANOS = 600_000_000_000L;
  private static final int DIGITS = 3;

  /// Messages that came, from the beginning, once per batch.
  final LongAdder messages = new LongAdder();

  private final Histogram latencies;

  /// @param shared whether several threads record at once
  Meter(boolean shared) {
    latencies = shared ? new ConcurrentHistogram(HIGHEST_NANOS, DIGITS) : newHistogram();
  }

  static Histogram newHistogram() {
    return new Histogram(HIGHEST_NANOS, DIGITS);
  }

  void record(long nanos) {
    latencies.recordValue(Math.clamp(nanos, 0, HIGHEST_NANOS));
  }

  /// While nobody records.
  void reset() {
    latencies.reset();
  }

  /// While nobody records.
  void addTo(Histogram sum) {
    sum.add(latencies);
  }
}
