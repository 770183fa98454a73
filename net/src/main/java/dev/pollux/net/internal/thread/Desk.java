package dev.pollux.net.internal.thread;

import dev.pollux.net.MemoryBudget;
import dev.pollux.sys.CountingKernel;
import dev.pollux.sys.IoVector;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.MappedMemory;
import dev.pollux.sys.SyscallLedger;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a thread of a thread engine calls the kernel with: memory for errno, a receive buffer, a
/// ledger. One thread at a time has it.
///
/// Its memory is freed with the object: an automatic arena costs nothing at each call, where a
/// shared one is locked and unlocked for every segment that a call is handed, and closing it would
/// stop all threads for a moment.
public final class Desk {
  private static final int PIECES_PER_SEND = 16;
  private static final int SMALL_BYTES = 4096;

  private final Arena arena = Arena.ofAuto();
  private final SyscallLedger ledger = new SyscallLedger();
  private final Kernel kernel;
  private final IoVector pieces = IoVector.allocate(arena, PIECES_PER_SEND);
  private final int receiveBufferBytes;
  private final MemoryBudget memory;
  private @Nullable MemorySegment receiveBuffer;

  /// @param memory what its receive buffer is charged to
  public Desk(Function<Arena, Kernel> kernels, int receiveBufferBytes, MemoryBudget memory) {
    this.memory = memory;
    this.kernel = new CountingKernel(kernels.apply(arena), ledger);
    this.receiveBufferBytes = receiveBufferBytes;
  }

  public Kernel kernel() {
    return kernel;
  }

  public SyscallLedger ledger() {
    return ledger;
  }

  public IoVector pieces() {
    return pieces;
  }

  /// Who only writes never needs it. When memory is short it is a small one.
  public MemorySegment receiveBuffer() {
    MemorySegment buffer = receiveBuffer;
    if (buffer == null) {
      int bytes = memory.isTight() ? Math.min(receiveBufferBytes, SMALL_BYTES) : receiveBufferBytes;
      memory.charge(bytes);
      buffer = allocate(bytes);
      receiveBuffer = buffer;
    }
    return buffer;
  }

  private MemorySegment allocate(int bytes) {
    try {
      MemorySegment mapped = MappedMemory.map(bytes, arena);
      if (mapped == null) {
        throw new OutOfMemoryError("mmap of " + bytes + " bytes was refused");
      }
      return mapped;
    } catch (Throwable t) {
      memory.release(bytes);
      throw t;
    }
  }

  /// Whether it is of use for whoever comes next.
  boolean isKept() {
    MemorySegment buffer = receiveBuffer;
    return !memory.isTight() && (buffer == null || buffer.byteSize() >= receiveBufferBytes);
  }

  /// Nobody will sit there any more. Its memory is the system's at once, its address space when the
  /// garbage collector has found it.
  void leaveForGood() {
    MemorySegment buffer = receiveBuffer;
    if (buffer != null) {
      receiveBuffer = null;
      MappedMemory.giveBackPages(buffer);
      memory.release(buffer.byteSize());
    }
  }
}
