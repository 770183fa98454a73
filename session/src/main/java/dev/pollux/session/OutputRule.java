package dev.pollux.session;

/// What is decided about the output of a session: numbers in, decisions out. What is pending is in
/// one of three places:
///
/// ```
///   inbox --the owner writes it--> wire --the kernel takes it--> gone
///     |                             ^
///     +--> behind a message in parts +    (only its end lets them go)
///
///                 inbox + wire + behind > high                   inbox + wire <= low
///   FLOWING ------------------------------------> DRAINING ------------------------> FLOWING
///                 told BACKPRESSURE, reading stops                onDrain, reading goes on
/// ```
///
/// Sums are long, because a message of 1 GiB may come on top of as much.
///
/// What waits behind a message in parts does not hold up [WebSocketHandler#onDrain]: whoever sends
/// those parts may be waiting for just that. For the same reason a part is judged without it.
final class OutputRule {
  private OutputRule() {}

  /// Whether nothing more is accepted. One more message may come, of any length, as long as what is
  /// pending is not above the bound.
  ///
  /// @param mostBytes [OutputPolicy#maxPendingBytes], or less where memory is nearly used up
  static boolean refuses(int mostBytes, long pendingBytes) {
    return pendingBytes > mostBytes;
  }

  /// What somebody is told whose message was accepted.
  ///
  /// @param pendingBytes with that message
  static SendStatus status(OutputPolicy policy, long pendingBytes) {
    return pendingBytes > policy.highWatermarkBytes()
        ? SendStatus.BACKPRESSURE
        : SendStatus.ACCEPTED;
  }

  /// Whether the peer is made to wait until its output has drained. A client never does that: its
  /// send is refused instead, so that two ends can't both wait for the other to read.
  static boolean stopsReading(
      OutputPolicy policy, boolean client, long wireBytes, long inboxBytes) {
    return !client && policy.pauseReading() && wireBytes + inboxBytes > policy.highWatermarkBytes();
  }

  /// Whether output has drained.
  static boolean isDrained(OutputPolicy policy, long wireBytes, long inboxBytes) {
    return wireBytes + inboxBytes <= policy.lowWatermarkBytes();
  }
}
