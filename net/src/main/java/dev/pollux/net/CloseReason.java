package dev.pollux.net;

/// Why a connection ended, as seen from this side.
public enum CloseReason {
  /// This side closed, and all output had been taken by the kernel.
  CLOSED,
  /// This side aborted: output that was pending is lost.
  ABORTED,
  /// The peer reset the connection, or the network gave up on it (`ECONNRESET`, `EPIPE`,
  /// `ETIMEDOUT`, ...).
  RESET,
  /// A callback threw.
  FAILED,
  /// The engine was closed.
  ENGINE_CLOSED
}
