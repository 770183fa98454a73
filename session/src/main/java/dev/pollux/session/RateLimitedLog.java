package dev.pollux.session;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/// A log line that peers can provoke: at most one a second, with the number of those left out. Any
/// thread.
public final class RateLimitedLog {
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Logger logger;
  private final AtomicLong nextNanos = new AtomicLong(System.nanoTime());
  private final AtomicLong suppressed = new AtomicLong();

  public RateLimitedLog(Logger logger) {
    this.logger = logger;
  }

  /// Logs `message`, which must be a constant sentence, with `detail` behind it.
  public void log(Level level, String message, Object detail) {
    long left = turn(level);
    if (left >= 0) {
      logger.atLevel(level).log("{}: {}{}", message, detail, more(left));
    }
  }

  /// Logs `message` with the stack trace of `cause`.
  public void log(Level level, String message, Object detail, Throwable cause) {
    long left = turn(level);
    if (left >= 0) {
      logger.atLevel(level).setCause(cause).log("{}: {}{}", message, detail, more(left));
    }
  }

  private static String more(long left) {
    return left == 0 ? "" : " (and " + left + " more like it)";
  }

  /// @return -1 to be silent, else how many were left out since the last line
  private long turn(Level level) {
    if (!logger.isEnabledForLevel(level)) {
      return -1;
    }
    long now = System.nanoTime();
    long next = nextNanos.get();
    if (now - next < 0 || !nextNanos.compareAndSet(next, now + INTERVAL_NANOS)) {
      suppressed.incrementAndGet();
      return -1;
    }
    return suppressed.getAndSet(0);
  }
}
