package dev.pollux.session;

import java.time.Duration;

/// How a session finds out that its peer is gone, and how long it may have nothing to say.
///
/// ```
///   heard nothing for pingInterval --> ping --> heard nothing for pingTimeout --> dropped: 1006
///   no message either way for idleTimeout --> closed with 1001
///   a message unfinished for messageTimeout --> closed with 1008
/// ```
///
/// Anything that the peer sends counts as a sign of life; while reading from it is paused, so does
/// output that goes out. A peer is not dropped as long as it takes what it is sent, however slowly
/// ([dev.pollux.net.Connection#isPeerTaking]): the ping is behind that. A session looks at its
/// signs every half interval, so that a receive costs one store, and all is late by up to that
/// much: with the defaults a ping comes after 30 to 45 seconds of silence.
///
/// @param pingInterval how long a peer may be silent before it is sent a ping (RFC 6455 §5.5.2); 0
///   for no pings
/// @param pingTimeout how long it may then go on being silent before it is dropped
/// @param idleTimeout how long a session may be without a message in either direction while it is
///   read from; 0 for ever
/// @param messageTimeout how long a message may be unfinished of which something has come and is
///   kept, while it is read from; 0 for ever. (What a [StreamingHandler] gets in parts is not
///   kept.)
public record KeepAlive(
    Duration pingInterval, Duration pingTimeout, Duration idleTimeout, Duration messageTimeout) {
  private static final Duration LEAST = Duration.ofMillis(10);
  private static final Duration MOST = Duration.ofDays(7);

  /// A ping after 30 seconds of silence, 20 seconds for the answer, no limit to being idle, 30
  /// seconds for a message.
  public static final KeepAlive DEFAULT =
      new KeepAlive(
          Duration.ofSeconds(30), Duration.ofSeconds(20), Duration.ZERO, Duration.ofSeconds(30));

  /// No pings, no limit.
  public static final KeepAlive NONE =
      new KeepAlive(Duration.ZERO, Duration.ofSeconds(20), Duration.ZERO, Duration.ZERO);

  public KeepAlive {
    requireBetween("pingInterval", pingInterval, true);
    requireBetween("pingTimeout", pingTimeout, false);
    requireBetween("idleTimeout", idleTimeout, true);
    requireBetween("messageTimeout", messageTimeout, true);
  }

  /// Pings after `interval` of silence, and waits `timeout` for an answer.
  public KeepAlive withPing(Duration interval, Duration timeout) {
    return new KeepAlive(interval, timeout, idleTimeout, messageTimeout);
  }

  public KeepAlive withIdleTimeout(Duration time) {
    return new KeepAlive(pingInterval, pingTimeout, time, messageTimeout);
  }

  public KeepAlive withMessageTimeout(Duration time) {
    return new KeepAlive(pingInterval, pingTimeout, idleTimeout, time);
  }

  /// Milliseconds between two looks; 0 if there is nothing to look for.
  int tickMillis() {
    long shortest =
        shorter(
            pingInterval.toMillis(), shorter(idleTimeout.toMillis(), messageTimeout.toMillis()));
    return shortest == 0 ? 0 : (int) Math.max(1, shortest / 2);
  }

  /// Of those that are not 0.
  private static long shorter(long one, long other) {
    return one == 0 ? other : other == 0 ? one : Math.min(one, other);
  }

  private static void requireBetween(String name, Duration time, boolean mayBeZero) {
    boolean good = time.isZero() ? mayBeZero : time.compareTo(LEAST) >= 0;
    if (!good || time.compareTo(MOST) > 0) {
      throw new IllegalArgumentException(
          name
              + " is "
              + time
              + "; it must be from 10 milliseconds to 7 days"
              + (mayBeZero ? ", or 0 for none" : ""));
    }
  }
}
