package dev.pollux.lab.experiment;

import dev.pollux.lab.Bars;
import dev.pollux.lab.Finding;
import java.util.Comparator;
import java.util.Optional;

/// The ends of some bars: what a rule says of all models at once.
record Ratios(double smallest, double largest, String nameOfSmallest, String nameOfLargest) {

  /// Of bars that have at least one value.
  static Optional<Ratios> of(Finding finding, String bars) {
    return finding
        .bars(bars)
        .filter(found -> !found.bars().isEmpty())
        .map(found -> {
          Comparator<Bars.Bar> byValue = Comparator.comparingDouble(Bars.Bar::value);
          Bars.Bar least = found.bars().stream().min(byValue).orElseThrow();
          Bars.Bar most = found.bars().stream().max(byValue).orElseThrow();
          return new Ratios(least.value(), most.value(), least.name(), most.name());
        });
  }
}
