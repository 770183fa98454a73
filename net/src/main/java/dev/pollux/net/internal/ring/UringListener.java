package dev.pollux.net.internal.ring;

import dev.pollux.net.MemoryRefusal;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.net.internal.PeerAddress;
import dev.pollux.net.internal.accepting.AcceptLog;
import dev.pollux.net.internal.accepting.AcceptOutcome;
import dev.pollux.net.internal.accepting.RefusedPeers;
import dev.pollux.net.internal.accepting.Reserve;
import dev.pollux.net.internal.loop.Loop;
import dev.pollux.net.internal.loop.LoopEngine;
import dev.pollux.sys.Errno;
import dev.pollux.sys.IoUring;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.RingOperations;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A listening socket of a ring's loop: one accept is under way that completes for each client, who
/// is handed to the loop that is chosen for it.
///
/// The socket blocks: on one that does not, the ring would say `EAGAIN` instead of waiting. With
/// direct descriptors a client is accepted into the loop's own file table, and another loop gets
/// the file by a message from ring to ring.
///
/// An accept takes its descriptor before it looks for a client, so it can be out of descriptors
/// although nobody waits. A descriptor in reserve is given up for a moment then, to tell a client
/// that does wait, and there is a pause, as in [Listener].
public final class UringListener implements Loop.Listening {
  private static final long NONE = Long.MAX_VALUE;
  private static final int REFUSED_SCRATCH_BYTES = 4096;

  /// Direct files that are on their way elsewhere and in this table still: with more, nobody is
  /// accepted until there are few. An accept that finds no place in the table loses its client.
  private static final int MOST_IN_TRANSIT = 1024;

  private final UringLoop loop;
  private final LoopEngine engine;
  private final AcceptLog log;
  private final Supplier<? extends Protocol> protocols;
  private final Kernel kernel;
  private final Arena arena = Arena.ofConfined();
  private final SockAddr peer = SockAddr.allocate(arena);
  private final RefusedPeers refusedPeers;
  private final int fd;
  private final int id;
  private final Reserve reserve;
  private boolean armed;

  /// The accept that is under way is to end.
  private boolean pausing;

  private boolean closed;
  private long resumeAt = NONE;
  private long lookAtRefusedAt = NONE;

  /// Direct files on their way to another loop.
  private final Map<Integer, Sent> sent = new HashMap<>();

  /// Direct files on their way to a descriptor: with which to be refused, or (null) to be asked for
  /// the peer's address.
  private final Map<Integer, @Nullable Refusal> installing = new HashMap<>();

  /// @param number under which the peer's address is announced
  private record Sent(UringLoop target, int number) {}

  public UringListener(
      UringLoop loop,
      LoopEngine engine,
      int fd,
      InetSocketAddress address,
      Supplier<? extends Protocol> protocols,
      int id) {
    this.loop = loop;
    this.engine = engine;
    this.fd = fd;
    this.log = new AcceptLog(loop.log, address);
    this.protocols = protocols;
    this.id = id;
    this.kernel = loop.kernel();
    this.refusedPeers =
        new RefusedPeers(kernel, arena.allocate(REFUSED_SCRATCH_BYTES), loop.nanoClock);
    this.reserve = new Reserve(kernel);
    reserve.restore();
  }

  public int id() {
    return id;
  }

  /// Whether it is closed and nothing is under way for it.
  public boolean isOver() {
    return closed && !armed && sent.isEmpty() && installing.isEmpty();
  }

  /// Has an accept under way, unless there is one or it has to wait.
  public void arm() {
    if (armed || closed || resumeAt != NONE || inTransit() > MOST_IN_TRANSIT / 2) {
      return;
    }
    if (loop.direct()) {
      RingOperations.acceptMultishotDirect(loop.ring(), fd, tag(0));
    } else {
      RingOperations.acceptMultishot(loop.ring(), fd, Socket.SOCK_CLOEXEC, tag(0));
    }
    armed = true;
  }

  private long tag(int what) {
    return (long) id << 32 | Integer.toUnsignedLong(what);
  }

  // Completions

  /// Something that has to do with accepting is done; `file` is what it was queued for.
  public void onCompletion(int opcode, int file, int result, int flags) {
    switch (opcode) {
      case IoUring.IORING_OP_ACCEPT -> {
        armed = (flags & IoUring.IORING_CQE_F_MORE) != 0;
        pausing &= armed || result == -Errno.ECANCELED;
        if (closed) {
          drop(result);
        } else {
          // Armed again in this turn, whatever that throws.
          onAccepted(result);
        }
      }
      case IoUring.IORING_OP_MSG_RING -> onSent(file, result);
      case IoUring.IORING_OP_FIXED_FD_INSTALL -> onInstalled(file, result);
      default -> {}
    }
  }

  private void drop(int file) {
    if (file >= 0 && loop.direct()) {
      loop.files().closeDirect(file);
    } else if (file >= 0) {
      kernel.close(file);
    }
  }

  private int inTransit() {
    return sent.size() + installing.size();
  }

  private void onAccepted(int result) {
    if (result >= 0) {
      placeGuarded(result);
      if (inTransit() > MOST_IN_TRANSIT && armed && !pausing) {
        RingOperations.cancel(loop.ring(), IoUring.IORING_OP_ACCEPT, tag(0), UringLoop.NOBODYS_TAG);
        pausing = true;
      }
      return;
    }
    if (result == -Errno.ECANCELED && pausing) {
      // Armed again when those on their way have arrived.
      pausing = false;
      return;
    }
    switch (AcceptOutcome.of(result)) {
      case NOBODY_WAITS, TRY_NEXT -> {}
      case OUT_OF_DESCRIPTORS -> {
        if (!loop.direct() || result != -Errno.ENFILE || !engine.hasRoom()) {
          outOfDescriptors(result);
        } else {
          // Our table is full of files that are on their way to another ring's: soon it is not.
          backOff(result);
        }
      }
      // ECANCELED of a listener that goes on, EINVAL of one that was shut down: tried again.
      case BACK_OFF -> backOff(result);
    }
  }

  /// A client that can't be served for want of something harms nobody else.
  private void placeGuarded(int file) {
    try {
      place(file);
    } catch (Throwable t) {
      loop.owner().reportFailure("a client could not be served and is dropped", t);
      drop(file);
    }
  }

  private void place(int file) {
    if (engine.connections() + installing.size() >= loop.options.maxConnections()) {
      refuseSoon(file, Refusal.TOO_MANY_CONNECTIONS);
    } else if (!loop.options.memory().takesNewcomers()) {
      loop.options.memory().refused(MemoryRefusal.NEWCOMER);
      refuseSoon(file, Refusal.OUT_OF_MEMORY);
    } else if (!loop.direct()) {
      loop.handOver(engine, file, peerOf(file), protocols);
    } else if (!engine.hasRoom()) {
      refuseSoon(file, Refusal.OUT_OF_DESCRIPTORS);
    } else {
      install(file, null);
    }
  }

  private @Nullable PeerAddress peerOf(int file) {
    // ENOTCONN: the peer has gone already, as the first receive is going to say.
    return kernel.getpeername(file, peer) < 0 ? null : PeerAddress.of(peer);
  }

  private void placeDirect(int file, @Nullable PeerAddress from) {
    UringLoop target = (UringLoop) engine.forNewcomer();
    target.load().incrementAndGet();
    if (target.owner().isCurrent()) {
      loop.adoptDirect(file, from, protocols);
    } else {
      send(file, from, target);
    }
  }

  private void send(int file, @Nullable PeerAddress from, UringLoop target) {
    int number = Announced.put(from);
    sent.put(file, new Sent(target, number));
    try {
      RingOperations.sendFile(loop.ring(), target.ring().fd(), file, tag(number), tag(file));
    } catch (Throwable t) {
      sent.remove(file);
      Announced.take(number);
      target.load().decrementAndGet();
      throw t;
    }
  }

  private void onSent(int file, int result) {
    Sent gone = Objects.requireNonNull(sent.remove(file));
    if (result >= 0) {
      loop.files().closeDirect(file);
      return;
    }
    // That ring's table is full, or the ring has ended: the client stays here.
    gone.target().load().decrementAndGet();
    loop.load().incrementAndGet();
    loop.adoptDirect(file, Announced.take(gone.number()), protocols);
  }

  /// @param descriptor of the same socket, or -errno: then nobody knows where it is from
  private void placeInstalled(int file, int descriptor) {
    try {
      PeerAddress from = descriptor < 0 ? null : peerOf(descriptor);
      placeDirect(file, from);
    } catch (Throwable t) {
      loop.owner().reportFailure("a client could not be served and is dropped", t);
      drop(file);
    } finally {
      if (descriptor >= 0) {
        kernel.close(descriptor);
      }
    }
  }

  // Refusing

  private void refuseSoon(int file, Refusal refusal) {
    if (loop.direct()) {
      install(file, refusal);
    } else {
      refuse(file, refusal);
    }
  }

  /// A ring has no operation that asks for a peer's address, so a direct file is a descriptor too
  /// for a moment.
  private void install(int file, @Nullable Refusal refusal) {
    RingOperations.installFd(loop.ring(), file, tag(file));
    installing.put(file, refusal);
  }

  private void onInstalled(int file, int result) {
    Refusal refusal = installing.remove(file);
    if (refusal == null && !closed) {
      placeInstalled(file, result);
      return;
    }
    loop.files().closeDirect(file);
    if (refusal == null) {
      if (result >= 0) {
        kernel.close(result);
      }
      return;
    }
    if (result >= 0 && (closed || !loop.attempt(() -> refuse(result, refusal)))) {
      kernel.close(result);
    }
  }

  private void refuse(int accepted, Refusal refusal) {
    PeerAddress from = peerOf(accepted);
    log.refused(from, why(refusal));
    loop.refuse(accepted, from, protocols, refusal);
    refusedPeers.add(accepted);
    lookAtRefusedAt = loop.nanoClock.getAsLong() + AcceptLog.BACK_OFF_NANOS;
  }

  private String why(Refusal refusal) {
    return switch (refusal) {
      case TOO_MANY_CONNECTIONS ->
          "maxConnections (" + loop.options.maxConnections() + ") are open";
      case OUT_OF_MEMORY -> loop.options.memory().toString();
      default -> "the file tables of all rings are full; more loops have more";
    };
  }

  private void outOfDescriptors(int result) {
    boolean table = loop.direct() && result == -Errno.ENFILE;
    if (!reserve.isThere() && !table) {
      backOff(result);
      return;
    }
    int accepted = table ? refuseOne() : reserve.giveUpFor(this::refuseOne);
    if (accepted >= 0) {
      log.outOfDescriptors(result);
    } else {
      pause();
    }
  }

  /// What accept4(2) returned.
  private int refuseOne() {
    int accepted = Reserve.acceptNow(kernel, fd, peer, Socket.SOCK_CLOEXEC);
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
    resumeAt = loop.nanoClock.getAsLong() + AcceptLog.BACK_OFF_NANOS;
  }

  // Time

  /// -1 if there is nothing to wait for.
  public long nanosToNextTimer(long now) {
    long next = Math.min(resumeAt, lookAtRefusedAt);
    return next == NONE ? -1 : Math.max(0, next - now);
  }

  /// Does what is due; what that throws is tried again in a while.
  public void onTurn(long now) {
    try {
      doWhatIsDue(now);
    } catch (Throwable t) {
      loop.owner().reportFailure("listening failed; it goes on in a moment", t);
      pause();
    }
  }

  private void doWhatIsDue(long now) {
    if (resumeAt != NONE && resumeAt - now <= 0) {
      resumeAt = NONE;
      reserve.restore();
    }
    arm();
    if (lookAtRefusedAt != NONE && lookAtRefusedAt - now <= 0) {
      lookAtRefusedAt = refusedPeers.closeGone() ? now + AcceptLog.BACK_OFF_NANOS : NONE;
    }
  }

  /// Nobody is accepted any more. The accept that is under way keeps the socket open until it
  /// completes, so it is shut down first, which takes it off its port at once. The ring closes the
  /// descriptor: an accept that still waits to be submitted must not meet another file behind the
  /// number.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    loop.attempt(refusedPeers::closeAll);
    Runnable shutDown = () -> kernel.shutdown(fd, Socket.SHUT_RDWR);
    if (!loop.attempt(shutDown)) {
      // Once more: nothing else ends the accept.
      loop.attempt(shutDown);
    }
    loop.files().close(fd);
    loop.attempt(reserve::close);
    resumeAt = NONE;
    lookAtRefusedAt = NONE;
    arena.close();
  }
}
