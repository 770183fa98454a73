package dev.pollux.net.internal;

import java.lang.System.Logger.Level;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/// Notices that its owner is woken again and again and nothing comes of it: a descriptor is
/// reported ready for ever, an operation fails for ever. That would cost a whole CPU in silence.
///
/// What comes of a wake-up is told by [#progress]. After [#tolerated] wake-ups in a row without it
/// each one is counted and logged (by its descriptor, at most once a second). If a connection is to
/// blame it is ended, so that it costs the others no more; else a pause follows, which doubles from
/// 1 to 100 ms; the first progress ends that.
///
/// It belongs to one thread; any thread may read [#count]. A wake-up costs it a comparison.
public final class SpinDetector {
  /// For a loop. Spurious wake-ups come one at a time.
  public static final int LOOP_TOLERATES = 64;

  private static final long LEAST_PAUSE_NANOS = 1_000_000;
  private static final long MOST_PAUSE_NANOS = 100_000_000;

  /// Puts into words what was reported last; called when there is something to log.
  @FunctionalInterface
  public interface Words {
    String of(long what, int reported);
  }

  /// Ends what was reported last, if that can be ended without harm to others.
  @FunctionalInterface
  public interface Culprits {
    boolean end(long what);
  }

  private final int tolerated;
  private final RateLimitedLog log;
  private final Words words;
  private final Culprits culprits;
  private final LongConsumer pause;
  private final Counter inVain = new Counter();

  private long progress;
  private long progressBefore;
  private long inARow;
  private long what;
  private int reported;

  /// One that ends nobody.
  public SpinDetector(int tolerated, RateLimitedLog log, Words words) {
    this(tolerated, log, words, what -> false);
  }

  public SpinDetector(int tolerated, RateLimitedLog log, Words words, Culprits culprits) {
    this(tolerated, log, words, culprits, LockSupport::parkNanos);
  }

  /// @param pause lets the thread wait for so many nanoseconds
  public SpinDetector(
      int tolerated, RateLimitedLog log, Words words, Culprits culprits, LongConsumer pause) {
    this.culprits = culprits;
    this.pause = pause;
    this.tolerated = tolerated;
    this.log = log;
    this.words = words;
  }

  /// Something was done: bytes moved, a client came or went, a task ran.
  public void progress() {
    progress++;
  }

  /// Remembers what is reported, to name it if nothing comes of it.
  public void reported(long what, int reported) {
    this.what = what;
    this.reported = reported;
  }

  /// The events of a wake-up are handled.
  public void afterWakeup() {
    if (progress != progressBefore) {
      progressBefore = progress;
      inARow = 0;
    } else if (++inARow > tolerated) {
      inVain.increment();
      endOrPause();
    }
  }

  private void endOrPause() {
    String why = words.of(what, reported);
    if (culprits.end(what)) {
      log.log(Level.WARNING, inVain(inARow, why) + "; it is ended", null);
      inARow = 0;
      return;
    }
    long nanos = pauseNanos(inARow - tolerated);
    tell(log, inARow, why, nanos);
    pause.accept(nanos);
  }

  /// How long to pause after that many wake-ups more than are tolerated.
  public static long pauseNanos(long beyond) {
    return Math.min(MOST_PAUSE_NANOS, LEAST_PAUSE_NANOS << Math.min(7, beyond - 1));
  }

  /// Logs that the calling thread is going to pause, and why.
  public static void tell(RateLimitedLog log, long inARow, String why, long nanos) {
    log.log(
        Level.WARNING,
        inVain(inARow, why) + "; it pauses for " + nanos / 1_000_000 + " ms now",
        null);
  }

  private static String inVain(long inARow, String why) {
    return Thread.currentThread().getName()
        + " was woken "
        + inARow
        + " times in a row in vain: "
        + why
        + ", and nothing comes of it";
  }

  /// How many wake-ups were in vain beyond what is tolerated.
  public long count() {
    return inVain.get();
  }
}
