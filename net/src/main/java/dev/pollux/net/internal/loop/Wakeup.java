package dev.pollux.net.internal.loop;

import dev.pollux.sys.CountingKernel;
import dev.pollux.sys.Errno;
import dev.pollux.sys.EventFd;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.SyscallLedger;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/// Ends a loop's wait from another thread: an eventfd that the loop's poller watches.
///
/// The eventfd is written only when the loop is about to wait or waits, and once for as many calls
/// as come meanwhile. The loop says that it will wait, then looks at its inbox once more; a
/// producer fills the inbox, then looks whether the loop said so: one of the two sees the other.
public final class Wakeup {
  private final Kernel loopKernel;
  private final MemorySegment counter;
  private final int fd;
  private final AtomicBoolean waiting = new AtomicBoolean();

  // The other threads' side: a kernel of their own, used under the lock.
  private final Object lock = new Object();
  private final Arena wakersArena = Arena.ofShared();
  private final SyscallLedger wakersLedger = new SyscallLedger();
  private final Kernel wakersKernel;
  private final MemorySegment one;
  private boolean closed;

  public Wakeup(Kernel loopKernel, Arena loopArena, Function<Arena, Kernel> kernels)
      throws IOException {
    this.loopKernel = loopKernel;
    this.counter = loopArena.allocate(ValueLayout.JAVA_LONG);
    this.wakersKernel = new CountingKernel(kernels.apply(wakersArena), wakersLedger);
    this.one = wakersArena.allocate(ValueLayout.JAVA_LONG);
    one.set(ValueLayout.JAVA_LONG, 0, 1);
    this.fd = loopKernel.eventfd(0, EventFd.EFD_CLOEXEC | EventFd.EFD_NONBLOCK);
    if (fd < 0) {
      wakersArena.close();
      throw new IOException("eventfd: " + Errno.describe(fd));
    }
  }

  public int fd() {
    return fd;
  }

  /// What the other threads have called.
  public SyscallLedger ledger() {
    return wakersLedger;
  }

  /// The loop: it is about to wait. It must look at its inbox after this.
  public void beforeWait() {
    waiting.set(true);
  }

  /// The loop: it does not wait any more.
  public void afterWait() {
    waiting.setOpaque(false);
  }

  /// The loop: sets the eventfd back to zero. False if it is zero.
  public boolean drain() {
    return loopKernel.read(fd, counter) > 0;
  }

  /// Any thread. If it throws, the loop has not been woken, and the next call tries again.
  public void wake() {
    if (waiting.get() && waiting.compareAndSet(true, false)) {
      try {
        write();
      } catch (Throwable t) {
        waiting.set(true);
        throw t;
      }
    }
  }

  private void write() {
    synchronized (lock) {
      if (!closed) {
        wakersKernel.write(fd, one, 0, one.byteSize());
      }
    }
  }

  /// The loop: no thread writes to the descriptor after this.
  public void close() {
    synchronized (lock) {
      closed = true;
    }
    wakersArena.close();
    loopKernel.close(fd);
  }
}
