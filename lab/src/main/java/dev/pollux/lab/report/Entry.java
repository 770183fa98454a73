package dev.pollux.lab.report;

import dev.pollux.lab.Experiment;
import dev.pollux.lab.Finding;
import dev.pollux.lab.Verdict;

/// One experiment in a report.
///
/// @param name the word for `--only`
/// @param seconds how long it took
/// @param state whether it was measured to the end
public record Entry(
    String name,
    String title,
    String question,
    String claim,
    String method,
    String rule,
    double seconds,
    State state,
    Verdict verdict,
    Finding finding) {

  /// How an experiment ended.
  public enum State {
    /// Everything was measured.
    COMPLETE,
    /// The lab was told to stop meanwhile: the finding is a part.
    INTERRUPTED,
    /// Some of it could not be measured, or nothing: the verdict's sentence says what and why, and
    /// is about the rest.
    FAILED
  }

  /// What an experiment has come to.
  public static Entry of(
      Experiment experiment, double seconds, State state, Verdict verdict, Finding finding) {
    return new Entry(
        experiment.name(),
        experiment.title(),
        experiment.question(),
        experiment.claim(),
        experiment.method(),
        experiment.rule(),
        seconds,
        state,
        verdict,
        finding);
  }
}
