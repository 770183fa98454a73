package dev.pollux.session;

import dev.pollux.websocket.CompressionOptions;
import dev.pollux.websocket.WebSocketLimits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What all sessions of a server (or client) are bound by.
///
/// @param limits sizes of what a peer may send
/// @param output how much output may wait for a slow peer
/// @param closeTimeout how long a close may take, from the close frame to the end of the
///   connection; then it is aborted
/// @param keepAlive when a silent peer is pinged, and when it is dropped
/// @param offloadBacklog works of one session that may be offloaded and not told yet
/// @param compression how messages are compressed with peers that can (RFC 7692), or null for not
///   at all
public record SessionOptions(
    WebSocketLimits limits,
    OutputPolicy output,
    Duration closeTimeout,
    KeepAlive keepAlive,
    int offloadBacklog,
    @Nullable CompressionOptions compression) {

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

  /// The default limits, output policy and keep-alive, 5 seconds, 256 works.
  public static SessionOptions defaults() {
    return new SessionOptions(
        WebSocketLimits.DEFAULT,
        OutputPolicy.DEFAULT,
        Duration.ofSeconds(5),
        KeepAlive.DEFAULT,
        256,
        null);
  }

  public SessionOptions withLimits(WebSocketLimits what) {
    return new SessionOptions(what, output, closeTimeout, keepAlive, offloadBacklog, compression);
  }

  public SessionOptions withOutput(OutputPolicy policy) {
    return new SessionOptions(limits, policy, closeTimeout, keepAlive, offloadBacklog, compression);
  }

  public SessionOptions withCloseTimeout(Duration time) {
    return new SessionOptions(limits, output, time, keepAlive, offloadBacklog, compression);
  }

  public SessionOptions withKeepAlive(KeepAlive when) {
    return new SessionOptions(limits, output, closeTimeout, when, offloadBacklog, compression);
  }

  public SessionOptions withOffloadBacklog(int works) {
    return new SessionOptions(limits, output, closeTimeout, keepAlive, works, compression);
  }

  /// Compresses with peers that can; null for not at all, which is the default.
  public SessionOptions withCompression(@Nullable CompressionOptions how) {
    return new SessionOptions(limits, output, closeTimeout, keepAlive, offloadBacklog, how);
  }
}
