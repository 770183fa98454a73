package dev.pollux.lab;

import java.util.List;
import java.util.stream.Collectors;

/// What a finding says about a claim.
///
/// @param outcome whether the claim holds
/// @param sentence the numbers that say so
public record Verdict(Outcome outcome, String sentence) {

  /// Whether a claim holds on the machine that was measured.
  public enum Outcome {
    /// Every part of the claim is as claimed.
    HOLDS("holds"),
    /// Some parts are as claimed, and some are not.
    HOLDS_IN_PART("holds in part"),
    /// No part, or not the one that matters.
    DOES_NOT_HOLD_HERE("does not hold here"),
    /// The figures that the rule needs are missing: left out, interrupted, failed.
    NOT_MEASURED("not measured");

    private final String words;

    Outcome(String words) {
      this.words = words;
    }

    /// As a person reads it: `holds in part`.
    public String words() {
      return words;
    }
  }

  /// The claim is as claimed.
  public static Verdict holds(String sentence) {
    return new Verdict(Outcome.HOLDS, sentence);
  }

  /// Some of it is.
  public static Verdict holdsInPart(String sentence) {
    return new Verdict(Outcome.HOLDS_IN_PART, sentence);
  }

  /// It is not.
  public static Verdict doesNotHoldHere(String sentence) {
    return new Verdict(Outcome.DOES_NOT_HOLD_HERE, sentence);
  }

  /// It can't be said.
  public static Verdict notMeasured(String sentence) {
    return new Verdict(Outcome.NOT_MEASURED, sentence);
  }

  /// The same, with a sentence that says what it is not about.
  public Verdict without(List<Failure> failures) {
    if (failures.isEmpty()) {
      return this;
    }
    String end = sentence.endsWith(".") ? " " : ". ";
    String missing =
        failures.stream()
            .map(failure -> failure.what() + " (" + failure.reason() + ")")
            .collect(Collectors.joining(", "));
    return new Verdict(outcome, sentence + end + "Not measured: " + missing + ".");
  }

  /// Holds if all of `parts` do, does not if none does, and holds in part otherwise.
  public static Verdict ofParts(String sentence, boolean... parts) {
    int holding = 0;
    for (boolean part : parts) {
      holding += part ? 1 : 0;
    }
    if (holding == parts.length) {
      return holds(sentence);
    }
    return holding == 0 ? doesNotHoldHere(sentence) : holdsInPart(sentence);
  }
}
