package dev.pollux.net.internal.thread;

import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.net.internal.PeerAddress;
import dev.pollux.net.internal.Sockets;
import dev.pollux.net.internal.accepting.AcceptOutcome;
import dev.pollux.sys.CountingKernel;
import dev.pollux.sys.Errno;
import dev.pollux.sys.EventFd;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import dev.pollux.sys.SyscallLedger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// A thread that sits blocked in accept(2) and hands each client to its engine. Ends, and closes
/// its descriptors, when the socket is shut down.
public final class Acceptor {
  private static final long BACK_OFF_NANOS = 100_000_000L;

  private final ThreadEngine engine;
  private final int fd;
  private final InetSocketAddress address;
  private final Supplier<? extends Protocol> protocols;
  private final SyscallLedger ledger = new SyscallLedger();
  private final Thread thread;

  /// The thread's: a descriptor to give up when there are no others, negative if there is none.
  private int reserve = -1;

  public Acceptor(
      ThreadEngine engine,
      int fd,
      InetSocketAddress address,
      Supplier<? extends Protocol> protocols) {
    this.engine = engine;
    this.fd = fd;
    this.address = address;
    this.protocols = protocols;
    this.thread =
        Thread.ofPlatform()
            .name(engine.options().threadName() + "-accept")
            .unstarted(this::acceptUntilShutDown);
  }

  public void start() {
    thread.start();
  }

  public Thread thread() {
    return thread;
  }

  public int fd() {
    return fd;
  }

  public SyscallLedger ledger() {
    return ledger;
  }

  private void acceptUntilShutDown() {
    try (Arena arena = Arena.ofConfined()) {
      Kernel kernel = new CountingKernel(engine.kernels().apply(arena), ledger);
      SockAddr peer = SockAddr.allocate(arena);
      reserve = kernel.eventfd(0, EventFd.EFD_CLOEXEC);
      while (acceptGuarded(kernel, peer)) {
        // One client each time.
      }
    } finally {
      if (reserve >= 0) {
        engine.calls().closeDescriptor(reserve);
      }
      engine.calls().closeDescriptor(fd);
    }
  }

  /// Whatever is thrown, the next client is accepted.
  private boolean acceptGuarded(Kernel kernel, SockAddr peer) {
    try {
      return accept(kernel, peer);
    } catch (Throwable t) {
      engine.reportFailure("accepting failed; it goes on in a moment", t);
      LockSupport.parkNanos(BACK_OFF_NANOS);
      return true;
    }
  }

  /// Waits for a client; false if the socket was shut down.
  private boolean accept(Kernel kernel, SockAddr peer) {
    int accepted = kernel.accept4(fd, peer, Socket.SOCK_CLOEXEC | engine.socketFlags());
    if (accepted >= 0) {
      serve(kernel, accepted, peer);
    } else if (AcceptOutcome.of(accepted) == AcceptOutcome.OUT_OF_DESCRIPTORS) {
      refuseOne(kernel, peer);
    } else if (accepted != -Errno.EINVAL && AcceptOutcome.of(accepted) == AcceptOutcome.BACK_OFF) {
      backOff(accepted);
    }
    return accepted != -Errno.EINVAL;
  }

  /// A client that can't be served harms nobody else: the acceptor goes on.
  private void serve(Kernel kernel, int accepted, SockAddr peer) {
    try {
      engine.serve(kernel, accepted, PeerAddress.of(peer), protocols);
    } catch (Throwable t) {
      engine.reportFailure("a client could not be served and is dropped", t);
      engine.calls().closeDescriptor(accepted);
    }
  }

  /// Gives the descriptor in reserve up for a moment, so that the client that waits is told instead
  /// of left hanging.
  private void refuseOne(Kernel kernel, SockAddr peer) {
    int given = reserve;
    // Should a call throw, its number is another's.
    reserve = -1;
    try {
      if (given < 0) {
        backOff(-Errno.EMFILE);
      } else {
        kernel.close(given);
        refuseNext(kernel, peer);
      }
    } finally {
      reserve = kernel.eventfd(0, EventFd.EFD_CLOEXEC);
    }
  }

  private void refuseNext(Kernel kernel, SockAddr peer) {
    int accepted = kernel.accept4(fd, peer, Socket.SOCK_CLOEXEC | Socket.SOCK_NONBLOCK);
    if (accepted >= 0) {
      engine
          .refusedClients()
          .refuse(
              accepted,
              PeerAddress.of(peer),
              protocols,
              Refusal.OUT_OF_DESCRIPTORS,
              "out of descriptors (see ulimit -n)");
    }
  }

  private void backOff(int result) {
    engine.log().log(
        Level.WARNING,
        "accept on "
            + Sockets.text(address)
            + ": "
            + Errno.describe(result)
            + "; trying again in "
            + BACK_OFF_NANOS / 1_000_000
            + " ms",
        null);
    LockSupport.parkNanos(BACK_OFF_NANOS);
  }
}
