package dev.pollux.net.simulation;

import java.util.SplittableRandom;

/// What is left to chance, from a seed: the same questions get the same answers.
public final class Chance {
  private final SplittableRandom random;

  public Chance(long seed) {
    this(new SplittableRandom(seed));
  }

  private Chance(SplittableRandom random) {
    this.random = random;
  }

  /// From 0 to one less than `bound`.
  public int below(int bound) {
    return random.nextInt(bound);
  }

  /// From `least` to `most`, both of them too.
  public int between(int least, int most) {
    return least + random.nextInt(most - least + 1);
  }

  /// True in so many of 100 cases.
  public boolean percent(int cases) {
    return cases > 0 && random.nextInt(100) < cases;
  }

  /// True in so many of 10,000 cases.
  public boolean tenThousandth(int cases) {
    return cases > 0 && random.nextInt(10_000) < cases;
  }

  /// Nanoseconds of so many microseconds, more often few than many.
  public long micros(int most) {
    return 1_000L * (1 + random.nextInt(1 + random.nextInt(most)));
  }

  /// Another one, whose answers do not depend on how often this one is asked from now on.
  public Chance another() {
    return new Chance(random.split());
  }
}
