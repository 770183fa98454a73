package dev.pollux.net.internal;

import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
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
import org.jspecify.annotations.Nullable;

/// A thread that sits blocked in accept(2) and hands each client to its engine. Ends, and closes
/// its descriptors, when the socket is shut down.
final class Acceptor {
  private static final long BACK_OFF_NANOS = 100_000_000L;

  private final ThreadEngine engine;
  private final int fd;
  private final InetSocketAddress address;
  private final Supplier<? extends Protocol> protocols;
  private final SyscallLedger ledger = new SyscallLedger();
  private final Thread thread;

  Acceptor(
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

  void start() {
    thread.start();
  }

  Thread thread() {
    return thread;
  }

  int fd() {
    return fd;
  }

  SyscallLedger ledger() {
    return ledger;
  }

  private void acceptUntilShutDown() {
    try (Arena arena = Arena.ofConfined()) {
      Kernel kernel = new CountingKernel(engine.kernels().apply(arena), ledger);
      SockAddr peer = SockAddr.allocate(arena);
      int reserve = kernel.eventfd(0, EventFd.EFD_CLOEXEC);
      int flags = Socket.SOCK_CLOEXEC | engine.socketFlags();
      int accepted = kernel.accept4(fd, peer, flags);
      while (accepted != -Errno.EINVAL) {
        if (accepted >= 0) {
          serve(kernel, accepted, PeerAddress.of(peer));
        } else if (AcceptOutcome.of(accepted) == AcceptOutcome.OUT_OF_DESCRIPTORS) {
          reserve = refuseOne(kernel, peer, reserve);
        } else if (AcceptOutcome.of(accepted) == AcceptOutcome.BACK_OFF) {
          backOff(accepted);
        }
        accepted = kernel.accept4(fd, peer, flags);
      }
      if (reserve >= 0) {
        kernel.close(reserve);
      }
      kernel.close(fd);
    }
  }

  /// A client that can't be served harms nobody else: the acceptor goes on.
  private void serve(Kernel kernel, int accepted, @Nullable PeerAddress from) {
    try {
      engine.serve(kernel, accepted, from, protocols);
    } catch (Throwable t) {
      engine.reportFailure("a client (" + from + ") could not be served and is dropped", t);
      kernel.close(accepted);
    }
  }

  /// Gives the descriptor in reserve up for a moment, so that the client that waits is told instead
  /// of left hanging.
  private int refuseOne(Kernel kernel, SockAddr peer, int reserve) {
    if (reserve < 0) {
      backOff(-Errno.EMFILE);
      return kernel.eventfd(0, EventFd.EFD_CLOEXEC);
    }
    kernel.close(reserve);
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
    return kernel.eventfd(0, EventFd.EFD_CLOEXEC);
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
