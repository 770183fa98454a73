package dev.pollux.net.tls;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Executor;

/// What the connections of one [TlsServer] or [TlsClient] share. Any thread.
final class TlsSide {
  private static final Logger LOG = System.getLogger("dev.pollux.net.tls");

  final TlsCounters counters = new TlsCounters();
  private final Executor steps;
  private final long handshakeTimeoutNanos;
  private final int maxHandshakes;
  private final byte[] answerToPlainText;

  /// @param steps runs the costly steps of handshakes
  /// @param answerToPlainText what a peer gets that speaks a protocol of text
  TlsSide(Executor steps, Duration handshakeTimeout, int maxHandshakes, byte[] answerToPlainText) {
    this.steps = steps;
    this.handshakeTimeoutNanos = handshakeTimeout.toNanos();
    this.maxHandshakes = maxHandshakes;
    this.answerToPlainText = answerToPlainText;
  }

  Executor steps() {
    return steps;
  }

  long handshakeTimeoutNanos() {
    return handshakeTimeoutNanos;
  }

  byte[] answerToPlainText() {
    return answerToPlainText;
  }

  /// False if as many handshakes are under way as there may be; else [#leaveHandshake] has to
  /// follow.
  boolean enterHandshake() {
    if (counters.handshaking.incrementAndGet() <= maxHandshakes) {
      return true;
    }
    counters.handshaking.decrementAndGet();
    counters.refused.increment();
    return false;
  }

  void leaveHandshake() {
    counters.handshaking.decrementAndGet();
  }

  /// A peer can provoke it, so it is for whoever looks for it only.
  void logFailure(Object connection, Throwable cause) {
    if (LOG.isLoggable(Level.DEBUG)) {
      LOG.log(Level.DEBUG, connection + ": " + cause.getMessage());
    }
  }
}
