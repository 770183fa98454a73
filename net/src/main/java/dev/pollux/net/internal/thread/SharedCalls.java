package dev.pollux.net.internal.thread;

import dev.pollux.net.internal.PeerProgress;
import dev.pollux.sys.CountingKernel;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.SyscallLedger;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// The short calls about a descriptor that any thread of a thread engine makes, one after the
/// other: a call that another thread sits in is ended by them. What they throw is reported and goes
/// no further, unless a method says otherwise.
public final class SharedCalls {
  private final Arena arena = Arena.ofShared();
  private final SyscallLedger ledger = new SyscallLedger();
  private final Kernel kernel;
  private final SockAddr nobody = SockAddr.unspecified(arena);
  private final PeerProgress progress = new PeerProgress(arena);
  private final BiConsumer<String, Throwable> failures;

  /// A call that opens something, with the kernel of this.
  @FunctionalInterface
  public interface Opening<T> {
    T open(Kernel kernel) throws IOException;
  }

  /// With a kernel of its own.
  ///
  /// @param failures told of what was thrown
  public SharedCalls(Function<Arena, Kernel> kernels, BiConsumer<String, Throwable> failures) {
    this.kernel = new CountingKernel(kernels.apply(arena), ledger);
    this.failures = failures;
  }

  /// Opens something, and throws what that throws.
  public synchronized <T> T open(Opening<T> opening) throws IOException {
    return opening.open(kernel);
  }

  /// Closes it, once.
  public synchronized void closeDescriptor(int fd) {
    try {
      kernel.close(fd);
    } catch (Throwable t) {
      // Not once more: the number may be another's.
      failures.accept("closing a descriptor failed", t);
    }
  }

  /// Wakes who waits in a call on it. Should it fail, it is done once more, because nobody else
  /// would do it.
  public void shutdownSurely(int fd, int how) {
    for (int i = 0; i < 2; i++) {
      try {
        shutdown(fd, how);
        return;
      } catch (Throwable t) {
        failures.accept("shutting a socket down failed", t);
      }
    }
  }

  /// shutdown(2), and throws what that throws.
  public synchronized void shutdown(int fd, int how) {
    kernel.shutdown(fd, how);
  }

  /// Sends RST at once, and wakes whoever is in recv(2) or send(2) (connect(2), AF_UNSPEC). False
  /// where it can't be done: Linux 6.4 to 6.6 refuse it while a thread waits in such a call.
  public synchronized boolean disconnect(int fd) {
    try {
      return kernel.connect(fd, nobody) == 0;
    } catch (Throwable t) {
      failures.accept("disconnecting a socket failed", t);
      return false;
    }
  }

  /// Bytes that the kernel has had from the peer, received or not; -1 if it does not say.
  public synchronized long bytesFromPeer(int fd) {
    try {
      return progress.bytesFromPeer(kernel, fd);
    } catch (Throwable t) {
      failures.accept("asking after a connection failed", t);
      return -1;
    }
  }

  /// Whether the peer takes what it is sent.
  public synchronized boolean isPeerTaking(int fd, int millis) {
    try {
      return progress.isTaking(kernel, fd, millis);
    } catch (Throwable t) {
      failures.accept("asking after a connection failed", t);
      return false;
    }
  }

  /// What was called so far.
  public SyscallLedger.Snapshot systemCalls() {
    return ledger.snapshot();
  }

  /// Gives the memory back; nothing is called any more. False if that was done already.
  public synchronized boolean close() {
    boolean alive = arena.scope().isAlive();
    if (alive) {
      arena.close();
    }
    return alive;
  }
}
