package dev.pollux.net;

import dev.pollux.net.internal.memory.SharedPool;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Bytes that many connections send: written once, and held until the last of them has sent them.
///
/// It is counted who needs it: whoever made it, and each connection that it was appended to
/// ([Connection#append]) and that has not sent it. When nobody does, its memory serves the next
/// one. Any thread; the bytes are written by the maker before it is shared, and never after.
public final class SharedOutput {
  // For the whole process: what one loop writes, all of them send.
  private static final SharedPool POOL = new SharedPool(MemoryBudget.ofAll());
  private static final VarHandle HOLDERS;

  static {
    try {
      HOLDERS = MethodHandles.lookup().findVarHandle(SharedOutput.class, "holders", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final MemorySegment memory;
  private final int length;

  @SuppressWarnings("UnusedVariable") // Read and written through HOLDERS.
  private volatile int holders = 1;

  private SharedOutput(MemorySegment memory, int length) {
    this.memory = memory;
    this.length = length;
  }

  /// Room for `length` bytes, held by the caller, who fills it and [#release]s it when it has been
  /// appended wherever it belongs.
  public static SharedOutput allocate(int length) {
    if (length < 1) {
      throw new IllegalArgumentException("shared output of " + length + " bytes; at least 1");
    }
    return new SharedOutput(POOL.borrow(length), length);
  }

  /// Where the bytes are, from offset 0. Its size may be more than [#length].
  public MemorySegment memory() {
    return memory;
  }

  public int length() {
    return length;
  }

  /// One holder more.
  ///
  /// @throws IllegalStateException if nobody holds it any more
  public void retain() {
    int before = (int) HOLDERS.getAndAdd(this, 1);
    if (before <= 0) {
      throw new IllegalStateException("shared output that nobody holds was retained");
    }
  }

  /// One holder less; each holder says it once.
  ///
  /// @throws IllegalStateException if nobody holds it any more
  public void release() {
    int before = (int) HOLDERS.getAndAdd(this, -1);
    if (before == 1) {
      POOL.giveBack(memory);
    } else if (before <= 0) {
      throw new IllegalStateException("shared output was released more often than it was held");
    }
  }

  /// Bytes of shared output in the whole process that somebody still holds, rounded up as the pool
  /// does.
  public static long heldBytes() {
    return POOL.lentBytes();
  }
}
