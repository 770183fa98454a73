package dev.pollux.net.internal.accepting;

import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.Socket;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.function.LongSupplier;

/// Peers that were refused and have not gone yet: closing at once would send a reset that may
/// overtake the words. Of a loop's thread.
public final class RefusedPeers {
  private static final long LINGER_NANOS = 1_000_000_000L;

  /// So many of one listener linger at most.
  public static final int MOST = 64;

  private final Kernel kernel;
  private final MemorySegment scratch;
  private final LongSupplier nanoClock;
  private final ArrayDeque<Lingering> lingering = new ArrayDeque<>();

  private record Lingering(int fd, long deadlineNanos) {}

  /// @param scratch where to receive what nobody wants
  public RefusedPeers(Kernel kernel, MemorySegment scratch, LongSupplier nanoClock) {
    this.kernel = kernel;
    this.scratch = scratch;
    this.nanoClock = nanoClock;
  }

  /// Says FIN behind the words, and keeps the descriptor until the peer has gone or the time is
  /// over.
  public void add(int fd) {
    kernel.shutdown(fd, Socket.SHUT_WR);
    if (lingering.size() == MOST) {
      close(lingering.removeFirst().fd());
    }
    lingering.addLast(new Lingering(fd, nanoClock.getAsLong() + LINGER_NANOS));
  }

  /// Closes those that have gone or whose time is over; whether there are others.
  public boolean closeGone() {
    long now = nanoClock.getAsLong();
    for (Iterator<Lingering> each = lingering.iterator(); each.hasNext(); ) {
      Lingering refused = each.next();
      if (refused.deadlineNanos() - now <= 0 || readAway(refused.fd())) {
        // First: should a call throw, what is closed is not closed again.
        each.remove();
        kernel.close(refused.fd());
      }
    }
    return !lingering.isEmpty();
  }

  /// Whatever is thrown for one of them, the others are closed too.
  public void closeAll() {
    Lingering next = lingering.pollFirst();
    if (next != null) {
      try {
        close(next.fd());
      } finally {
        closeAll();
      }
    }
  }

  /// Closes at once. What has arrived is read first, because unread bytes make a reset of it.
  public void close(int fd) {
    try {
      readAway(fd);
    } finally {
      kernel.close(fd);
    }
  }

  /// Reads what a refused peer has sent; true if it has finished or gone.
  private boolean readAway(int fd) {
    int received = kernel.recv(fd, scratch, Socket.MSG_DONTWAIT);
    return received == 0 || (received < 0 && received != -Errno.EAGAIN && received != -Errno.EINTR);
  }
}
