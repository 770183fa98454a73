package dev.pollux.net.internal.thread;

import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.net.internal.PeerAddress;
import dev.pollux.sys.Socket;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Clients that a thread engine can't serve. Each is told in the protocol's words, and closed a
/// moment later: at once, a reset might overtake the words.
public final class RefusedClients {
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final ThreadEngine engine;
  private final Set<Integer> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong count = new AtomicLong();

  public RefusedClients(ThreadEngine engine) {
    this.engine = engine;
  }

  public long count() {
    return count.get();
  }

  public void refuse(
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
    boolean atOnce = refusal == Refusal.OUT_OF_DESCRIPTORS;
    engine.calls().shutdownSurely(fd, Socket.SHUT_WR);
    open.add(fd);
    if (atOnce || !closesLater(fd)) {
      close(fd);
    }
  }

  private boolean closesLater(int fd) {
    try {
      return !engine.schedule(LINGER_NANOS, () -> close(fd)).isCancelled();
    } catch (Throwable t) {
      engine.reportFailure("a client that is refused is closed at once", t);
      return false;
    }
  }

  private void close(int fd) {
    if (open.remove(fd)) {
      engine.calls().closeDescriptor(fd);
    }
  }

  /// Closes those that are still open.
  public void close() {
    open.forEach(this::close);
  }
}
