package dev.pollux.net.internal.readiness;

/// What stands behind a descriptor that a loop watches. Called by the loop's thread.
public interface Watched {

  /// The poller found the descriptor ready: bits of [Interest].
  void onReady(int readiness);

  /// The timer of the descriptor is over.
  default void onTimer() {}

  /// The loop ends: a connection ends with it.
  default void endWithEngine() {}
}
