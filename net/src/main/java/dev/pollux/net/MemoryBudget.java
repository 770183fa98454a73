package dev.pollux.net;

import com.sun.management.OperatingSystemMXBean;
import dev.pollux.net.internal.RateLimitedLog;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// How much memory outside the heap an engine's peers may cause it to hold: messages that are
/// gathered, output that waits, input that is held, TLS records, the receive buffers of threads,
/// and what is compressed (zlib's own memory by an estimate). What a loop has once for all of its
/// connections is not among it.
///
/// Near the ceiling what costs most is given up first, in this order; each is counted
/// ([#statistics]), and named in the log at most once a second:
///
/// ```
///   used    0 ........ 70 % ....... 75 ......... 85 ...... 90 . 92 ......... 95 ..... 97 . 100 %
///   gathers any        64 KiB at most            fewer and fewer, 1 KiB at 97, then none
///   output  as the policy says      less and less of it, for who has most first; at 90 nothing
///                                    more for who has any pending
///   newcomers                                               refused
///   held input                                                               refused: its end
///   all else                                                                             its end
/// ```
///
/// So who behaves is served while others are refused: the last tenth is for what is given back
/// within a moment. Any thread may call its methods. Engines that are opened with the same budget
/// share it.
///
/// What many connections send ([SharedOutput]) is one memory for the whole process and counts in
/// every budget.
public final class MemoryBudget {
  /// The smallest budget.
  public static final long LEAST_BYTES = 16L << 20;

  /// The share of the machine's memory, or of what its control group may have, that is the default:
  /// one part in so many.
  public static final int DEFAULT_SHARE = 4;

  /// What is gathered at most when there is no memory for large messages.
  public static final int LARGE_GATHER_BYTES = 64 << 10;

  private static final int LEAST_GATHER_BYTES = 1 << 10;

  // In percent of the limit.
  private static final int NO_LARGE_GATHERS = 70;
  private static final int OUTPUT_SHRINKS = 75;
  private static final int GATHERS_SHRINK = 85;
  private static final int NO_OUTPUT = 90;
  private static final int NO_NEWCOMERS = 92;
  private static final int NOTHING_HELD = 95;
  private static final int NO_GATHERS = 97;

  /// What belongs to no engine.
  private static final MemoryBudget OF_ALL = new MemoryBudget(Long.MAX_VALUE);

  private final long limitBytes;
  private final AtomicLong usedBytes = new AtomicLong();
  private final Map<MemoryRefusal, Refused> refused = new EnumMap<>(MemoryRefusal.class);

  /// How often something of a kind was refused.
  private static final class Refused {
    final AtomicLong count = new AtomicLong();
    final RateLimitedLog log =
        new RateLimitedLog(System.getLogger("dev.pollux.net"), System::nanoTime);
  }

  private MemoryBudget(long limitBytes) {
    this.limitBytes = limitBytes;
    for (MemoryRefusal kind : MemoryRefusal.values()) {
      refused.put(kind, new Refused());
    }
  }

  /// A budget of so many bytes.
  ///
  /// @throws IllegalArgumentException below [#LEAST_BYTES]
  public static MemoryBudget ofBytes(long limitBytes) {
    if (limitBytes < LEAST_BYTES) {
      throw new IllegalArgumentException(
          "the memory budget is " + limitBytes + " bytes; it must be at least " + LEAST_BYTES);
    }
    return new MemoryBudget(limitBytes);
  }

  /// A quarter ([#DEFAULT_SHARE]) of the memory that the machine has, or that the control group
  /// (cgroups(7)) may have in which the process runs.
  public static MemoryBudget ofMachine() {
    return new MemoryBudget(Math.max(LEAST_BYTES, Machine.BYTES / DEFAULT_SHARE));
  }

  private static final class Machine {
    static final long BYTES = bytes();

    private static long bytes() {
      return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean machine
          ? machine.getTotalMemorySize()
          : Runtime.getRuntime().maxMemory();
    }
  }

  /// What [SharedOutput] holds: no engine's, without a limit of its own.
  static MemoryBudget ofAll() {
    return OF_ALL;
  }

  public long limitBytes() {
    return limitBytes;
  }

  /// What is used of it now.
  public long usedBytes() {
    long own = usedBytes.get();
    return this == OF_ALL ? own : own + OF_ALL.usedBytes.get();
  }

  private boolean isAbove(int percent) {
    return usedBytes() > percentOf(percent);
  }

  /// Not a product first: a limit may be near 2^63.
  private long percentOf(int percent) {
    return limitBytes / 100 * percent;
  }

  /// How far beyond `from` percent it is, as a part of the way to `to`: 0 at most before, 1 at
  /// least behind.
  private double way(int from, int to) {
    return (double) (usedBytes() - percentOf(from)) / (percentOf(to) - percentOf(from));
  }

  /// Whether memory is given back at once that would be kept for the next time otherwise.
  public boolean isTight() {
    return isAbove(NO_LARGE_GATHERS);
  }

  /// Whether there is nothing left but for what is given back within a moment.
  public boolean isUsedUp() {
    return isAbove(NO_GATHERS);
  }

  // What is used

  /// Accounts for memory that will be had.
  ///
  /// @throws MemoryBudgetExceededException if it is more than is left
  public void charge(long bytes) {
    if (!tryCharge(bytes)) {
      refused(MemoryRefusal.ALLOCATION);
      throw new MemoryBudgetExceededException(bytes, limitBytes);
    }
  }

  /// The same for what stays until a peer does something, for which nothing is left a little
  /// earlier.
  ///
  /// @throws MemoryBudgetExceededException if it is more than is left for that
  public void chargeHeld(long bytes) {
    if (isAbove(NOTHING_HELD)) {
      refused(MemoryRefusal.ALLOCATION);
      throw new MemoryBudgetExceededException(bytes, limitBytes);
    }
    charge(bytes);
  }

  /// The same; false if there is not so much left, which is not counted.
  public boolean tryCharge(long bytes) {
    if (usedBytes() + bytes > limitBytes) {
      return false;
    }
    // Two at the same time may go beyond the limit by what one of them takes.
    usedBytes.addAndGet(bytes);
    return true;
  }

  /// The memory is given back.
  public void release(long bytes) {
    usedBytes.addAndGet(-bytes);
  }

  // What there is still memory for

  /// How large the memory in which one message is gathered may become now, in bytes; 0 for not at
  /// all.
  public int mostGathered() {
    if (!isTight()) {
      return Integer.MAX_VALUE;
    }
    double way = way(GATHERS_SHRINK, NO_GATHERS);
    if (way >= 1) {
      return 0;
    }
    int halvings = (int) (Math.max(0, way) * Integer.numberOfTrailingZeros(64));
    return Math.max(LEAST_GATHER_BYTES, LARGE_GATHER_BYTES >> halvings);
  }

  /// How much output may be pending for one peer now, of what a policy would allow.
  public int mostPending(int byPolicy) {
    if (!isAbove(OUTPUT_SHRINKS)) {
      return byPolicy;
    }
    double left = 1 - way(OUTPUT_SHRINKS, NO_OUTPUT);
    return (int) (byPolicy * Math.max(0, left));
  }

  /// Whether there is memory for another connection.
  public boolean takesNewcomers() {
    return !isAbove(NO_NEWCOMERS);
  }

  // What was refused

  /// Counts what was refused for want of memory, and says it now and then.
  public void refused(MemoryRefusal kind) {
    Refused of = refused.get(kind);
    if (of != null) {
      of.count.incrementAndGet();
      of.log.log(Level.WARNING, kind.words() + ": " + this, null);
    }
  }

  /// What is used, and what was refused so far.
  public MemoryStatistics statistics() {
    return new MemoryStatistics(
        limitBytes,
        usedBytes(),
        count(MemoryRefusal.GATHER),
        count(MemoryRefusal.OUTPUT),
        count(MemoryRefusal.NEWCOMER),
        count(MemoryRefusal.ALLOCATION));
  }

  private long count(MemoryRefusal kind) {
    Refused of = refused.get(kind);
    return of == null ? 0 : of.count.get();
  }

  /// `211 of 256 MiB of the memory budget are used`.
  @Override
  public String toString() {
    return "%,d of %,d MiB of the memory budget are used"
        .formatted(usedBytes() >> 20, limitBytes >> 20);
  }
}
