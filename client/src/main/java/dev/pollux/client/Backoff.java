package dev.pollux.client;

import java.util.random.RandomGenerator;

/// Counts the tries in a row and draws the delay before the next one. Of one owner.
final class Backoff {
  static final long GIVE_UP = -1;

  private final ReconnectPolicy policy;
  private final RandomGenerator random;
  private int tries;

  Backoff(ReconnectPolicy policy, RandomGenerator random) {
    this.policy = policy;
    this.random = random;
  }

  /// A connection has ended that lasted so long.
  void lasted(long nanos) {
    if (nanos >= policy.stableAfter().toNanos()) {
      tries = 0;
    }
  }

  /// How many tries in a row have been given a delay.
  int tries() {
    return tries;
  }

  /// Nanoseconds to wait before the next try, or [#GIVE_UP].
  ///
  /// @param atLeastNanos what the server has asked for (`Retry-After`), or 0
  long nextDelayNanos(long atLeastNanos) {
    if (tries >= policy.maxTries()) {
      return GIVE_UP;
    }
    double grown = policy.first().toNanos() * Math.pow(policy.factor(), tries);
    double most = Math.min(grown, (double) policy.longest().toNanos());
    tries++;
    double drawn = most * (1 - policy.jitter() * random.nextDouble());
    // Those whom the server has told the same moment are spread behind it as well.
    return atLeastNanos > 0 ? atLeastNanos + Math.round(drawn) : Math.round(drawn);
  }
}
