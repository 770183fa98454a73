package dev.pollux.net.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Counts for one writer; any thread may read. Costs what a plain field costs.
public final class Counter {
  private static final VarHandle VALUE;

  static {
    try {
      VALUE = MethodHandles.lookup().findVarHandle(Counter.class, "value", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private long value;

  public void increment() {
    VALUE.setOpaque(this, value + 1);
  }

  public long get() {
    return (long) VALUE.getOpaque(this);
  }
}
