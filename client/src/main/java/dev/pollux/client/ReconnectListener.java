package dev.pollux.client;

import java.time.Duration;

/// Told of what happens to a [Reconnecting] besides its handler. The calls come one after the other
/// and must not block.
public interface ReconnectListener {
  /// For nobody.
  ReconnectListener NONE = new ReconnectListener() {};

  /// The connection ended or could not be made, and is tried again.
  ///
  /// @param tries tries in a row that came to nothing
  /// @param delay when it is tried again
  /// @param why `closed with 1006`, `connect 127.0.0.1:80: ECONNREFUSED`
  default void onRetry(int tries, Duration delay, String why) {}

  /// It is not tried any more: the server has said so ([Reconnecting]), or there were too many
  /// tries.
  default void onGivenUp(String why) {}
}
