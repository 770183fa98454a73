package dev.pollux.sys;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// What one owner has asked of the kernel: how often, with which outcome, how many bytes.
///
/// Only the owner counts; any thread may take a [#snapshot()]. A counter is read whole, and never
/// goes back, but the counters of a snapshot are read one after another while the owner goes on.
public final class SyscallLedger {

  private static final VarHandle COUNTERS = MethodHandles.arrayElementVarHandle(long[].class);

  private static final SystemCall[] CALLS = SystemCall.values();

  // A row of eight counters per call (one cache line), then one counter per error number.
  private static final int ROW_SHIFT = 3;
  private static final int TOTAL = 0;
  private static final int WOULD_BLOCK = 1;
  private static final int INTERRUPTED = 2;
  private static final int FAILURES = 3;
  private static final int BYTES = 4;
  private static final int ERRORS = CALLS.length << ROW_SHIFT;

  private final long[] counters = new long[ERRORS + Errno.LIMIT];

  /// Counts a call by what it returned: a result, or `-errno`.
  public void count(SystemCall call, int result) {
    countBegin(call);
    countOutcome(call, result);
  }

  /// Counts a call whose result, if it is no error, is a number of bytes.
  public void countTransfer(SystemCall call, int result) {
    countBegin(call);
    countTransferred(call, result);
  }

  /// Counts a call that is about to be made, without its outcome: so it is there for whoever reads
  /// the ledger because of what that call does. [#countOutcome] or [#countTransferred] has to
  /// follow.
  public void countBegin(SystemCall call) {
    add(row(call) + TOTAL, 1);
  }

  /// Counts what a call of [#countBegin] has returned: a result, or `-errno`.
  public void countOutcome(SystemCall call, int result) {
    if (result < 0) {
      countError(row(call), -result);
    }
  }

  /// Counts what a call of [#countBegin] has returned: a number of bytes, or `-errno`.
  public void countTransferred(SystemCall call, int result) {
    countOutcome(call, result);
    if (result > 0) {
      add(row(call) + BYTES, result);
    }
  }

  /// Counts a wait that has handed `bytes` to the kernel to say what it waits for.
  public void countWait(SystemCall call, int result, long bytes) {
    count(call, result);
    add(row(call) + BYTES, bytes);
  }

  /// The counters as they are now.
  public Snapshot snapshot() {
    long[] copy = new long[counters.length];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = (long) COUNTERS.getOpaque(counters, i);
    }
    return new Snapshot(copy);
  }

  private void countError(int row, int errno) {
    int outcome =
        switch (errno) {
          case Errno.EAGAIN -> WOULD_BLOCK;
          case Errno.EINTR -> INTERRUPTED;
          default -> FAILURES;
        };
    add(row + outcome, 1);
    // Linux gives no number beyond the table; slot 0, which no error has, is for what it may add.
    add(ERRORS + (errno < Errno.LIMIT ? errno : 0), 1);
  }

  private void add(int index, long amount) {
    // The owner is the only writer: a plain read sees its own last write.
    COUNTERS.setOpaque(counters, index, counters[index] + amount);
  }

  // "EnumOrdinal": the ordinals never leave the process, and a map would cost more than the count.
  @SuppressWarnings("EnumOrdinal")
  private static int row(SystemCall call) {
    return call.ordinal() << ROW_SHIFT;
  }

  /// Counters at one time, or the difference or the sum of some. Immutable.
  public static final class Snapshot {

    /// Nothing counted; the start of a sum.
    public static final Snapshot ZERO = new Snapshot(new long[ERRORS + Errno.LIMIT]);

    private final long[] counters;

    private Snapshot(long[] counters) {
      this.counters = counters;
    }

    /// How often the call was made, whatever came of it.
    public long calls(SystemCall call) {
      return counters[row(call) + TOTAL];
    }

    /// How often the call returned `EAGAIN`.
    public long wouldBlock(SystemCall call) {
      return counters[row(call) + WOULD_BLOCK];
    }

    /// How often the call returned `EINTR`.
    public long interrupted(SystemCall call) {
      return counters[row(call) + INTERRUPTED];
    }

    /// How often the call returned any other error; `EINPROGRESS` of `connect` is one.
    public long failures(SystemCall call) {
      return counters[row(call) + FAILURES];
    }

    /// Bytes that `recv`, `read`, `send`, `sendmsg`, `write` and `writev` have moved. For `select`
    /// and `poll`: bytes handed to the kernel to say what to wait for, whether anything was ready
    /// or not. For the other calls, `epoll_wait` among them, 0.
    public long bytes(SystemCall call) {
      return counters[row(call) + BYTES];
    }

    /// How often any call returned this error, a positive number of [Errno].
    public long errors(int errno) {
      return counters[ERRORS + (errno > 0 && errno < Errno.LIMIT ? errno : 0)];
    }

    /// The calls of every name together; operations of a ring are none.
    public long totalCalls() {
      long total = 0;
      for (SystemCall call : CALLS) {
        total += call.isOperation() ? 0 : calls(call);
      }
      return total;
    }

    /// The sum of two ledgers, or of two spans of time.
    public Snapshot plus(Snapshot other) {
      return combined(other, 1);
    }

    /// What was counted since an earlier snapshot of the same ledger.
    public Snapshot minus(Snapshot earlier) {
      return combined(earlier, -1);
    }

    /// One line for each call that was made, and for each error.
    @Override
    public String toString() {
      StringBuilder lines = new StringBuilder();
      for (SystemCall call : CALLS) {
        if (calls(call) != 0) {
          lines.append(call).append(": ").append(calls(call)).append(" calls, ");
          lines.append(bytes(call)).append(" bytes\n");
        }
      }
      for (int errno = 1; errno < Errno.LIMIT; errno++) {
        if (errors(errno) != 0) {
          lines.append(Errno.name(errno)).append(": ").append(errors(errno)).append('\n');
        }
      }
      return lines.toString();
    }

    private Snapshot combined(Snapshot other, int sign) {
      long[] result = Arrays.copyOf(counters, counters.length);
      for (int i = 0; i < result.length; i++) {
        result[i] += sign * other.counters[i];
      }
      return new Snapshot(result);
    }
  }
}
