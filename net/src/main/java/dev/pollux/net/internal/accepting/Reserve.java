package dev.pollux.net.internal.accepting;

import dev.pollux.sys.EventFd;
import dev.pollux.sys.Fcntl;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.SockAddr;
import java.util.function.IntSupplier;

/// A descriptor that is there to be given up: when there are no others, one client can be accepted
/// in its place, and be told so, instead of being left hanging. Of who accepts.
public final class Reserve {
  private final Kernel kernel;

  /// Negative if there is none.
  private int fd = -1;

  /// One that has to be [#restore]d first: what that throws is not the maker's end.
  public Reserve(Kernel kernel) {
    this.kernel = kernel;
  }

  private int open() {
    return Math.max(-1, kernel.eventfd(0, EventFd.EFD_CLOEXEC));
  }

  public boolean isThere() {
    return fd >= 0;
  }

  /// Runs `accept` while it is given up, and takes one again, if there is one then; what `accept`
  /// returned.
  public int giveUpFor(IntSupplier accept) {
    int given = fd;
    // Should a call throw, its number is another's.
    fd = -1;
    try {
      kernel.close(given);
      return accept.getAsInt();
    } finally {
      fd = open();
    }
  }

  /// Takes one, if there is none: for the first time, or because that was not possible when it was
  /// given up.
  public void restore() {
    if (fd < 0) {
      fd = open();
    }
  }

  public void close() {
    if (fd >= 0) {
      int open = fd;
      fd = -1;
      kernel.close(open);
    }
  }

  /// accept4(2) of a client that waits, on a listening socket that blocks and must not for this
  /// once.
  public static int acceptNow(Kernel kernel, int listening, SockAddr peer, int flags) {
    int status = kernel.fcntl(listening, Fcntl.F_GETFL, 0);
    kernel.fcntl(listening, Fcntl.F_SETFL, status | Fcntl.O_NONBLOCK);
    try {
      return kernel.accept4(listening, peer, flags);
    } finally {
      kernel.fcntl(listening, Fcntl.F_SETFL, status & ~Fcntl.O_NONBLOCK);
    }
  }
}
