package dev.pollux.net.internal.readiness;

import dev.pollux.net.EngineOptions;
import dev.pollux.net.MemoryRefusal;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.net.internal.PeerAddress;
import dev.pollux.net.internal.RateLimitedLog;
import dev.pollux.net.internal.accepting.AcceptLog;
import dev.pollux.net.internal.accepting.AcceptOutcome;
import dev.pollux.net.internal.accepting.RefusedPeers;
import dev.pollux.net.internal.accepting.Reserve;
import dev.pollux.net.internal.loop.Loop;
import dev.pollux.net.internal.loop.LoopEngine;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A listening socket of a readiness loop: accepts, and hands clients to the loop that is chosen
/// for them ([LoopEngine]).
///
/// It keeps a descriptor in reserve. When the process is out of descriptors, the reserve is given
/// up for a moment, so that the peer that waits can be accepted and told instead of being left
/// hanging; then it stops accepting for a while, because the listening socket stays readable and
/// the loop would spin.
public final class Listener implements Watched, Loop.Listening {
  private static final int ACCEPTS_PER_EVENT = 64;

  private final ReadinessLoop loop;
  private final LoopEngine engine;
  private final EngineOptions options;
  private final Supplier<? extends Protocol> protocols;
  private final AcceptLog log;
  private final Kernel kernel;
  private final Arena arena = Arena.ofConfined();
  private final SockAddr peer = SockAddr.allocate(arena);
  private final int fd;
  private final Reserve reserve;
  private boolean backingOff;
  private final RefusedPeers refusedPeers;

  public Listener(
      ReadinessLoop loop,
      LoopEngine engine,
      int fd,
      InetSocketAddress address,
      Supplier<? extends Protocol> protocols,
      RateLimitedLog log) {
    this.loop = loop;
    this.engine = engine;
    this.options = engine.options();
    this.fd = fd;
    this.protocols = protocols;
    this.log = new AcceptLog(log, address);
    this.kernel = loop.kernel();
    this.reserve = new Reserve(kernel);
    reserve.restore();
    this.refusedPeers = new RefusedPeers(kernel, loop.receiveBuffer(), options.nanoClock());
  }

  @Override
  public void onReady(int readiness) {
    for (int i = 0; i < ACCEPTS_PER_EVENT && !backingOff; i++) {
      int accepted = kernel.accept4(fd, peer, Socket.SOCK_NONBLOCK | Socket.SOCK_CLOEXEC);
      if (accepted >= 0) {
        placeGuarded(accepted);
      } else if (!mayAcceptMore(accepted)) {
        return;
      }
    }
  }

  @Override
  public void onTimer() {
    // Once more if a call throws.
    loop.watches().setTimer(fd, AcceptLog.BACK_OFF_NANOS);
    if (backingOff) {
      reserve.restore();
      loop.watches().changeOwn(fd, Interest.READ);
      backingOff = false;
    }
    if (!refusedPeers.closeGone()) {
      loop.watches().cancelTimer(fd);
    }
  }

  private boolean mayAcceptMore(int result) {
    AcceptOutcome outcome = AcceptOutcome.of(result);
    if (outcome != AcceptOutcome.NOBODY_WAITS) {
      loop.spins.progress();
    }
    return switch (outcome) {
      case NOBODY_WAITS -> false;
      case TRY_NEXT -> true;
      case OUT_OF_DESCRIPTORS -> outOfDescriptors(result);
      case BACK_OFF -> {
        backOff(result);
        yield false;
      }
    };
  }

  private boolean outOfDescriptors(int result) {
    if (!reserve.isThere()) {
      backOff(result);
      return false;
    }
    int accepted = reserve.giveUpFor(this::refuseOne);
    log.outOfDescriptors(result);
    if (accepted < 0) {
      pause();
    }
    return accepted >= 0;
  }

  /// What accept4(2) returned.
  private int refuseOne() {
    int accepted = kernel.accept4(fd, peer, Socket.SOCK_NONBLOCK | Socket.SOCK_CLOEXEC);
    if (accepted >= 0) {
      loop.refuse(accepted, PeerAddress.of(peer), protocols, Refusal.OUT_OF_DESCRIPTORS);
      refusedPeers.close(accepted);
    }
    return accepted;
  }

  private void backOff(int result) {
    log.backsOff(result);
    pause();
  }

  private void pause() {
    backingOff = true;
    loop.watches().setTimer(fd, AcceptLog.BACK_OFF_NANOS);
    loop.watches().changeOwn(fd, Interest.NONE);
  }

  /// A client that can't be served for want of a protocol harms nobody else.
  private void placeGuarded(int accepted) {
    try {
      place(accepted, PeerAddress.of(peer));
    } catch (Throwable t) {
      loop.owner().reportFailure("a client could not be served and is dropped", t);
      kernel.close(accepted);
    }
  }

  private void place(int accepted, @Nullable PeerAddress from) {
    loop.spins.progress();
    if (accepted > loop.highestDescriptor()) {
      refuse(
          accepted,
          from,
          Refusal.DESCRIPTOR_BEYOND_FD_SETSIZE,
          "descriptor "
              + accepted
              + " is beyond FD_SETSIZE (1024): the limit is the fd_set of the C library, not"
              + " the kernel's; poll and epoll have none");
    } else if (engine.connections() >= options.maxConnections()) {
      refuse(
          accepted,
          from,
          Refusal.TOO_MANY_CONNECTIONS,
          "maxConnections (" + options.maxConnections() + ") are open");
    } else if (!options.memory().takesNewcomers()) {
      options.memory().refused(MemoryRefusal.NEWCOMER);
      refuse(accepted, from, Refusal.OUT_OF_MEMORY, options.memory().toString());
    } else {
      loop.handOver(engine, accepted, from, protocols);
    }
  }

  private void refuse(int accepted, @Nullable PeerAddress from, Refusal refusal, String why) {
    log.refused(from, why);
    loop.refuse(accepted, from, protocols, refusal);
    refusedPeers.add(accepted);
    if (!backingOff) {
      loop.watches().setTimer(fd, AcceptLog.BACK_OFF_NANOS);
    }
  }

  @Override
  public void close() {
    loop.attempt(refusedPeers::closeAll);
    loop.attempt(() -> loop.watches().forget(fd));
    loop.attempt(() -> kernel.close(fd));
    loop.attempt(reserve::close);
    arena.close();
  }
}
