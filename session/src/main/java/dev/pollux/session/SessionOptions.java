package dev.pollux.session;

import dev.pollux.websocket.WebSocketLimits;
import java.time.Duration;

/// What all sessions of a server (or client) are bound by.
///
/// @param limits sizes of what a peer may send
/// @param output how much output may wait for a slow peer
/// @param closeTimeout how long a close may take, from the close frame to the end of the
///   connection; then it is aborted
/// @param offloadBacklog works of one session that may be offloaded and not told yet
public record SessionOptions(
    WebSocketLimits limits, OutputPolicy output, Duration closeTimeout, int offloadBacklog) {

  public SessionOptions {
    if (closeTimeout.isNegative()
        || closeTimeout.isZero()
        || closeTimeout.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException(
          "closeTimeout is " + closeTimeout + "; it must be more than 0 and at most 1 hour");
    }
    if (offloadBacklog < 1) {
      throw new IllegalArgumentException(
          "offloadBacklog is " + offloadBacklog + "; it must be at least 1");
    }
  }

  /// The default limits and output policy, 5 seconds, 256 works.
  public static SessionOptions defaults() {
    return new SessionOptions(
        WebSocketLimits.DEFAULT, OutputPolicy.DEFAULT, Duration.ofSeconds(5), 256);
  }

  public SessionOptions withLimits(WebSocketLimits what) {
    return new SessionOptions(what, output, closeTimeout, offloadBacklog);
  }

  public SessionOptions withOutput(OutputPolicy policy) {
    return new SessionOptions(limits, policy, closeTimeout, offloadBacklog);
  }

  public SessionOptions withCloseTimeout(Duration time) {
    return new SessionOptions(limits, output, time, offloadBacklog);
  }

  public SessionOptions withOffloadBacklog(int works) {
    return new SessionOptions(limits, output, closeTimeout, works);
  }
}
