package dev.pollux.net.internal.thread;

import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.net.internal.PeerAddress;
import dev.pollux.net.internal.accepting.RefusedPeers;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.Socket;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Clients that a thread engine can't serve. Each is told in the protocol's words, and closed a
/// moment later: at once, a reset might overtake the words. So many at most wait for that; the
/// oldest goes first.
public final class RefusedClients {
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int SCRATCH_BYTES = 4096;

  private final ThreadEngine engine;
  private final ArrayDeque<Lingering> open = new ArrayDeque<>();
  private final AtomicLong count = new AtomicLong();

  /// Not a record: another one with the same descriptor is another client.
  private static final class Lingering {
    final int fd;

    Lingering(int fd) {
      this.fd = fd;
    }
  }

  public RefusedClients(ThreadEngine engine) {
    this.engine = engine;
  }

  public long count() {
    return count.get();
  }

  /// The acceptor, with its kernel.
  public void refuse(
      Kernel caller,
      int fd,
      @Nullable PeerAddress peer,
      Supplier<? extends Protocol> protocols,
      Refusal refusal,
      String why) {
    count.incrementAndGet();
    engine.log().log(Level.WARNING, "refused " + peer + ": " + why, null);
    try {
      new ThreadConnection(engine, fd, peer, protocols.get(), Waiting.IN_THE_CALL, false)
          .refused(refusal);
    } catch (Throwable t) {
      engine.reportFailure("a client (" + peer + ") is refused without words", t);
    }
    engine.calls().shutdownSurely(fd, Socket.SHUT_WR);
    if (refusal == Refusal.OUT_OF_DESCRIPTORS) {
      // Its descriptor is needed. Unread bytes would make a reset of the close.
      readAway(caller, fd);
      engine.calls().closeDescriptor(fd);
    } else {
      linger(new Lingering(fd));
    }
  }

  private void readAway(Kernel caller, int fd) {
    try (Arena arena = Arena.ofConfined()) {
      caller.recv(fd, arena.allocate(SCRATCH_BYTES), Socket.MSG_DONTWAIT);
    } catch (Throwable t) {
      engine.reportFailure("a client that is refused is closed unread", t);
    }
  }

  private void linger(Lingering refused) {
    Lingering oldest;
    synchronized (open) {
      open.addLast(refused);
      oldest = open.size() > RefusedPeers.MOST ? open.peekFirst() : null;
    }
    if (oldest != null) {
      close(oldest);
    }
    if (!closesLater(refused)) {
      close(refused);
    }
  }

  private boolean closesLater(Lingering refused) {
    try {
      return !engine.schedule(LINGER_NANOS, () -> close(refused)).isCancelled();
    } catch (Throwable t) {
      engine.reportFailure("a client that is refused is closed at once", t);
      return false;
    }
  }

  private void close(Lingering refused) {
    boolean removed;
    synchronized (open) {
      removed = open.remove(refused);
    }
    if (removed) {
      engine.calls().closeDescriptor(refused.fd);
    }
  }

  /// Closes those that are still open.
  public void close() {
    List<Lingering> left;
    synchronized (open) {
      left = List.copyOf(open);
    }
    left.forEach(this::close);
  }
}
