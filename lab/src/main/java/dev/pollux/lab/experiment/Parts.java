package dev.pollux.lab.experiment;

import dev.pollux.lab.Verdict;
import java.util.List;

/// Verdicts of rules that have parts.
final class Parts {
  private Parts() {}

  /// Holds if all parts do, in part if some do.
  ///
  /// @param said the numbers of each part
  static Verdict verdict(List<String> said, List<Boolean> parts) {
    boolean[] all = new boolean[parts.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = parts.get(i);
    }
    return Verdict.ofParts(String.join("; ", said) + ".", all);
  }
}
