package dev.pollux.lab;

import java.time.Duration;

/// One claim about the I/O models, and how it is measured.
///
/// An experiment has no state of its own: what it measures goes into the notebook. It takes the
/// models from [Bench#models], so that a model that is added later appears by itself.
public interface Experiment {

  /// The word for `--only`: `descriptors`.
  String name();

  /// A few words: `Cost against descriptors watched`.
  String title();

  /// What one would like to know.
  String question();

  /// What is said about it, in one sentence.
  String claim();

  /// What is measured, of what, with which sizes; a paragraph for somebody who wants to repeat it.
  String method();

  /// By which numbers [#judge] decides, in words, for the reader of the report.
  String rule();

  /// How long [#measure] takes about, with as many models as there are now; for the time left.
  Duration estimate(Effort effort);

  /// Measures, and writes down each number as soon as it is there. Ends early with an
  /// [InterruptedException] when the lab is told to stop.
  ///
  /// @throws Exception if it can't be measured here; the message says why
  void measure(Bench bench, Notebook notebook) throws Exception;

  /// The verdict: a function of the finding alone. Where numbers that the rule needs are missing,
  /// it is [Verdict#notMeasured].
  Verdict judge(Finding finding);
}
