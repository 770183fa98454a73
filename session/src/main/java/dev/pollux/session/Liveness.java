package dev.pollux.session;

/// What is concluded from how long a peer has been silent: numbers in, a verdict out ([KeepAlive]).
///
/// ```
///            heard: again in a tick                    heard
///            +----+             +-------------------------------------------+
///            |    v             v                                           |
///            +- LOOK_AGAIN (a tick) --silent for pingInterval--> PING (pingTimeout)
///                   | no message for idleTimeout,                           | silent
///                   | one unfinished for messageTimeout                     |
///                   v                                                       v
///                 IDLE, TOO_SLOW                                           DEAD
/// ```
enum Liveness {
  /// Nothing is to be done until the next tick.
  LOOK_AGAIN,
  /// The peer is to be sent a ping.
  PING,
  /// There was no message either way for too long.
  IDLE,
  /// A message takes too long to come.
  TOO_SLOW,
  /// A ping was not answered in time, by nothing at all; unless it is still on its way.
  DEAD;

  /// How much time a timer that is over stood for.
  static int passedMillis(KeepAlive rules, boolean pingSent) {
    return pingSent ? (int) rules.pingTimeout().toMillis() : rules.tickMillis();
  }

  /// @param unanswered whether a ping was sent and nothing was heard since
  /// @param silentMillis how long nothing was heard
  /// @param idleMillis how long there was no message
  /// @param unfinishedMillis how long one has been unfinished
  static Liveness judge(
      KeepAlive rules, boolean unanswered, int silentMillis, int idleMillis, int unfinishedMillis) {
    if (unanswered) {
      return DEAD;
    }
    if (isOver(unfinishedMillis, rules.messageTimeout().toMillis())) {
      return TOO_SLOW;
    }
    if (isOver(idleMillis, rules.idleTimeout().toMillis())) {
      return IDLE;
    }
    return isOver(silentMillis, rules.pingInterval().toMillis()) ? PING : LOOK_AGAIN;
  }

  private static boolean isOver(int passedMillis, long mostMillis) {
    return mostMillis > 0 && passedMillis >= mostMillis;
  }
}
