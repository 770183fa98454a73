package dev.pollux.lab.load;

/// Told what a load is doing, a few times a second, by the thread that runs it.
@FunctionalInterface
public interface LoadProgress {
  /// For nobody.
  LoadProgress NONE = (stage, done, open, messagesPerSecond) -> {};

  /// What is under way.
  enum Stage {
    OPENING,
    WARMING_UP,
    MEASURING,
    DRAINING
  }

  /// Where the load stands.
  ///
  /// @param done how much of the stage is done, from 0 to 1
  /// @param open connections that are open
  /// @param messagesPerSecond messages received per second since the call before
  void at(Stage stage, double done, int open, double messagesPerSecond);
}
