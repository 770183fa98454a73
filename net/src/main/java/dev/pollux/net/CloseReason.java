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
  /// TLS only: the peer's FIN came without `close_notify`, so that what it sent may be cut off (RFC
  /// 8446 §6.1).
  TRUNCATED,
  /// TLS only: an alert of the peer, or something that TLS does not allow.
  TLS_FAILED,
  /// The engine was closed.
  ENGINE_CLOSED
}
