package dev.pollux.lab;

import dev.pollux.lab.report.Entry;

/// Told what the lab does. The calls come from the lab's thread, one after the other.
public interface Progress {

  /// For nobody.
  Progress NONE = new Progress() {};

  /// An experiment begins.
  ///
  /// @param index the first is 0
  /// @param count how many there are
  default void began(Experiment experiment, int index, int count) {}

  /// Something is measured now.
  ///
  /// @param what a few words
  /// @param done how much of the experiment is done, from 0 to 1
  default void measuring(String what, double done) {}

  /// The experiment that began last is over.
  default void ended(Entry entry) {}
}
