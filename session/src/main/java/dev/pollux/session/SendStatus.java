package dev.pollux.session;

/// What became of something that was to be sent.
public enum SendStatus {
  /// It will be sent, unless the connection ends before.
  ACCEPTED,
  /// It will be sent, but more than [OutputPolicy#highWatermarkBytes] are pending: better wait for
  /// [WebSocketHandler#onDrain] before the next one.
  BACKPRESSURE,
  /// It was not sent and never will be: too much is pending ([OutputPolicy#maxPendingBytes]).
  /// Counted in [SessionStatistics#dropped].
  DROPPED,
  /// It was not sent: the WebSocket is closing or closed.
  CLOSED;

  /// Whether it will be sent: [#ACCEPTED] or [#BACKPRESSURE].
  public boolean isAccepted() {
    return this == ACCEPTED || this == BACKPRESSURE;
  }
}
