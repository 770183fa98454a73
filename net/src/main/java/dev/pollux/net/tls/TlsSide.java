package dev.pollux.net.tls;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// What the connections of one [TlsServer] or [TlsClient] share. Any thread.
final class TlsSide {
  private static final Logger LOG = System.getLogger("dev.pollux.net.tls");

  final TlsCounters counters = new TlsCounters();
  private final Executor steps;
  private final long handshakeTimeoutNanos;
  private final int maxHandshakes;
  private final int maxHandshakesOfAddress;

  /// Handshakes under way, of each address that has any.
  private final Map<InetAddress, Integer> ofAddress = new ConcurrentHashMap<>();

  private final byte[] answerToPlainText;

  /// @param steps runs the costly steps of handshakes
  /// @param answerToPlainText what a peer gets that speaks a protocol of text
  TlsSide(
      Executor steps,
      Duration handshakeTimeout,
      int maxHandshakes,
      int maxHandshakesOfAddress,
      byte[] answerToPlainText) {
    this.steps = steps;
    this.handshakeTimeoutNanos = handshakeTimeout.toNanos();
    this.maxHandshakes = maxHandshakes;
    this.maxHandshakesOfAddress = maxHandshakesOfAddress;
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

  /// False if as many handshakes are under way as there may be, of all or of that address; else
  /// [#leaveHandshake] has to follow.
  ///
  /// @param address whose it is; null for one that counts among all only
  boolean enterHandshake(@Nullable InetAddress address) {
    if (counters.handshaking.incrementAndGet() <= maxHandshakes && enterOf(address)) {
      return true;
    }
    counters.handshaking.decrementAndGet();
    counters.refused.increment();
    return false;
  }

  void leaveHandshake(@Nullable InetAddress address) {
    counters.handshaking.decrementAndGet();
    if (address != null) {
      ofAddress.computeIfPresent(address, (same, count) -> count == 1 ? null : count - 1);
    }
  }

  private boolean enterOf(@Nullable InetAddress address) {
    if (address == null) {
      return true;
    }
    // Those that are in stay at most as many: nobody is counted who is not let in.
    boolean[] entered = new boolean[1];
    ofAddress.compute(
        address,
        (same, count) -> {
          int before = count == null ? 0 : count;
          entered[0] = before < maxHandshakesOfAddress;
          return entered[0] ? Integer.valueOf(before + 1) : count;
        });
    return entered[0];
  }

  /// A peer can provoke it, so it is for whoever looks for it only.
  void logFailure(Object connection, Throwable cause) {
    if (LOG.isLoggable(Level.DEBUG)) {
      LOG.log(Level.DEBUG, connection + ": " + cause.getMessage());
    }
  }
}
