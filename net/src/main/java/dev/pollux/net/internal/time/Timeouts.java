package dev.pollux.net.internal.time;

/// Converts waiting times to the kernel's units, rounded up so that nothing wakes early and spins.
public final class Timeouts {
  private Timeouts() {}

  public static int toMillis(long nanos) {
    if (nanos < 0) {
      return -1;
    }
    return (int) Math.min(Integer.MAX_VALUE, nanos / 1_000_000 + (nanos % 1_000_000 == 0 ? 0 : 1));
  }

  public static long toMicros(long nanos) {
    return nanos < 0 ? -1 : nanos / 1_000 + (nanos % 1_000 == 0 ? 0 : 1);
  }
}
