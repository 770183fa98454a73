package dev.pollux.client;

import java.time.Duration;

/// When a connection that ended, or could not be made, is tried again: each time later than before,
/// and at a random moment, so that the clients of a server that restarts do not come back all at
/// once.
///
/// The delay before try `n` is drawn evenly from the last part of `first * factor^n`, which is at
/// most `longest`:
///
/// ```
///   0 ............... (1 - jitter) * delay ======== drawn from here ======== delay
/// ```
///
/// @param first the delay before the first new try, at most
/// @param longest what the delay grows to
/// @param factor by what it grows with each try that fails
/// @param jitter which part of it is random, from 0 to 1
/// @param stableAfter a connection that has lasted so long is no failed try: delays begin anew
/// @param maxTries tries in a row after which it is given up
public record ReconnectPolicy(
    Duration first,
    Duration longest,
    double factor,
    double jitter,
    Duration stableAfter,
    int maxTries) {

  /// From 1 second, doubled up to 30 seconds, half of it random, stable after 10 seconds, for ever.
  public static final ReconnectPolicy DEFAULT =
      new ReconnectPolicy(
          Duration.ofSeconds(1),
          Duration.ofSeconds(30),
          2,
          0.5,
          Duration.ofSeconds(10),
          Integer.MAX_VALUE);

  public ReconnectPolicy {
    if (first.isNegative() || longest.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "delays are from " + first + " to " + longest + "; it must be 0 <= first <= longest");
    }
    if (!(factor >= 1 && factor <= 1000)) {
      throw new IllegalArgumentException("factor is " + factor + "; it must be from 1 to 1000");
    }
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new IllegalArgumentException("jitter is " + jitter + "; it must be from 0 to 1");
    }
    if (stableAfter.isNegative() || maxTries < 0) {
      throw new IllegalArgumentException(
          "stableAfter is " + stableAfter + ", maxTries is " + maxTries + "; none is negative");
    }
  }

  public ReconnectPolicy withDelays(Duration from, Duration to) {
    return new ReconnectPolicy(from, to, factor, jitter, stableAfter, maxTries);
  }

  public ReconnectPolicy withFactor(double growth) {
    return new ReconnectPolicy(first, longest, growth, jitter, stableAfter, maxTries);
  }

  public ReconnectPolicy withJitter(double part) {
    return new ReconnectPolicy(first, longest, factor, part, stableAfter, maxTries);
  }

  public ReconnectPolicy withStableAfter(Duration time) {
    return new ReconnectPolicy(first, longest, factor, jitter, time, maxTries);
  }

  public ReconnectPolicy withMaxTries(int tries) {
    return new ReconnectPolicy(first, longest, factor, jitter, stableAfter, tries);
  }
}
