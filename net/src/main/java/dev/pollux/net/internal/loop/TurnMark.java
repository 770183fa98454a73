package dev.pollux.net.internal.loop;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Says to other threads in which turn a loop is, and whether it waits. The loop writes it twice a
/// turn, at the price of two stores.
public final class TurnMark {
  private static final VarHandle MARK;

  static {
    try {
      MARK = MethodHandles.lookup().findVarHandle(TurnMark.class, "mark", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// The number of the turn, doubled; odd while the loop does something in it.
  private long mark;

  /// The loop: it waits from now on.
  public void waits() {
    MARK.setOpaque(this, (mark | 1) + 1);
  }

  /// The loop: it has waited.
  public void turns() {
    MARK.setOpaque(this, mark | 1);
  }

  /// Any thread.
  public long get() {
    return (long) MARK.getOpaque(this);
  }

  /// Whether a loop whose mark this was did something then.
  public static boolean isTurning(long mark) {
    return (mark & 1) != 0;
  }
}
