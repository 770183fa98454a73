package dev.pollux.net.internal.thread;

import dev.pollux.sys.CountingKernel;
import dev.pollux.sys.IoVector;
import dev.pollux.sys.Kernel;
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

  private final Arena arena = Arena.ofAuto();
  private final SyscallLedger ledger = new SyscallLedger();
  private final Kernel kernel;
  private final IoVector pieces = IoVector.allocate(arena, PIECES_PER_SEND);
  private final int receiveBufferBytes;
  private @Nullable MemorySegment receiveBuffer;

  public Desk(Function<Arena, Kernel> kernels, int receiveBufferBytes) {
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

  public MemorySegment receiveBuffer() {
    MemorySegment buffer = receiveBuffer;
    if (buffer == null) {
      // Who only writes never needs it.
      buffer = arena.allocate(receiveBufferBytes, Long.BYTES);
      receiveBuffer = buffer;
    }
    return buffer;
  }
}
