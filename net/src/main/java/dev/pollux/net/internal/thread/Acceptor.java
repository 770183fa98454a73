package dev.pollux.net.internal.thread;

import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.net.internal.PeerAddress;
import dev.pollux.net.internal.accepting.AcceptLog;
import dev.pollux.net.internal.accepting.AcceptOutcome;
import dev.pollux.net.internal.accepting.Reserve;
import dev.pollux.sys.CountingKernel;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.PollFds;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import dev.pollux.sys.SyscallLedger;
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// A thread that sits blocked in accept(2) and hands each client to its engine. Ends, and closes
/// its descriptors, when the socket is shut down.
///
/// accept(2) takes its descriptor before it waits for a client, so it can be out of descriptors
/// although nobody comes: then the thread waits in poll(2), which needs none, and accepts again
/// when there is a client. Only if there are still no descriptors, the one in reserve is given up
/// for a moment, so that this client is told instead of left hanging.
public final class Acceptor {
  private final ThreadEngine engine;
  private final int fd;
  private final Supplier<? extends Protocol> protocols;
  private final AcceptLog log;
  private final SyscallLedger ledger = new SyscallLedger();
  private final Thread thread;

  public Acceptor(
      ThreadEngine engine,
      int fd,
      InetSocketAddress address,
      Supplier<? extends Protocol> protocols) {
    this.engine = engine;
    this.fd = fd;
    this.protocols = protocols;
    this.log = new AcceptLog(engine.log(), address);
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
      new Accepting(arena).run();
    } finally {
      engine.calls().closeDescriptor(fd);
    }
  }

  /// What the thread accepts with.
  private final class Accepting {
    private final Kernel kernel;
    private final SockAddr peer;
    private final PollFds listening;
    private final Reserve reserve;

    Accepting(Arena arena) {
      kernel = new CountingKernel(engine.kernels().apply(arena), ledger);
      peer = SockAddr.allocate(arena);
      listening = PollFds.allocate(arena, 1);
      listening.set(0, fd, PollFds.POLLIN);
      reserve = new Reserve(kernel);
    }

    void run() {
      try {
        while (acceptGuarded()) {
          // One client each time.
        }
      } finally {
        try {
          reserve.close();
        } catch (Throwable t) {
          engine.reportFailure("closing a descriptor failed", t);
        }
      }
    }

    /// Whatever is thrown, the next client is accepted.
    private boolean acceptGuarded() {
      try {
        return accept();
      } catch (Throwable t) {
        engine.reportFailure("accepting failed; it goes on in a moment", t);
        LockSupport.parkNanos(AcceptLog.BACK_OFF_NANOS);
        return true;
      }
    }

    /// Waits for a client; false if the socket was shut down.
    private boolean accept() {
      reserve.restore();
      int accepted = kernel.accept4(fd, peer, Socket.SOCK_CLOEXEC | engine.socketFlags());
      if (AcceptOutcome.of(accepted) == AcceptOutcome.OUT_OF_DESCRIPTORS) {
        // Negative, and the next call finds out why, or there is a client.
        kernel.poll(listening, 1, -1);
        accepted = Reserve.acceptNow(kernel, fd, peer, Socket.SOCK_CLOEXEC | engine.socketFlags());
      }
      if (accepted >= 0) {
        serve(accepted);
      } else if (accepted != -Errno.EINVAL) {
        failed(accepted);
      }
      return accepted != -Errno.EINVAL;
    }

    private void failed(int result) {
      switch (AcceptOutcome.of(result)) {
        case NOBODY_WAITS, TRY_NEXT -> {}
        case OUT_OF_DESCRIPTORS -> {
          if (!reserve.isThere()) {
            backOff(result);
            return;
          }
          log.outOfDescriptors(result);
          if (reserve.giveUpFor(this::refuseOne) < 0) {
            backOff(result);
          }
        }
        case BACK_OFF -> backOff(result);
      }
    }

    private int refuseOne() {
      int accepted =
          Reserve.acceptNow(kernel, fd, peer, Socket.SOCK_CLOEXEC | Socket.SOCK_NONBLOCK);
      if (accepted >= 0) {
        engine
            .refusedClients()
            .refuse(
                kernel,
                accepted,
                PeerAddress.of(peer),
                protocols,
                Refusal.OUT_OF_DESCRIPTORS,
                "out of descriptors (see ulimit -n)");
      }
      return accepted;
    }

    /// A client that can't be served harms nobody else: the acceptor goes on.
    private void serve(int accepted) {
      try {
        engine.serve(kernel, accepted, PeerAddress.of(peer), protocols);
      } catch (Throwable t) {
        engine.reportFailure("a client could not be served and is dropped", t);
        engine.calls().closeDescriptor(accepted);
      }
    }

    private void backOff(int result) {
      log.backsOff(result);
      LockSupport.parkNanos(AcceptLog.BACK_OFF_NANOS);
    }
  }
}
