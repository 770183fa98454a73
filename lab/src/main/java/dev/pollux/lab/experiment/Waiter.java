package dev.pollux.lab.experiment;

import dev.pollux.net.IoModel;
import dev.pollux.sys.Epoll;
import dev.pollux.sys.EpollEvents;
import dev.pollux.sys.Errno;
import dev.pollux.sys.FdSet;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.PollFds;
import dev.pollux.sys.Socket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// One way to find out which of many descriptors can be read, and nothing else: no loop, no timers,
/// no connections. What is left is the system call and what the program has to do around it.
interface Waiter extends AutoCloseable {

  /// Waits, and puts the indexes of those that can be read into `ready`.
  ///
  /// @return how many there are, or -errno
  int await(int[] ready);

  /// Ends watching; the descriptors stay open.
  @Override
  default void close() {}

  /// Starts to watch all of `fds` in the way of a model.
  ///
  /// @return empty if the model does not wait for many descriptors by one call of its own
  static Optional<Waiter> watching(IoModel model, int[] fds, Kernel kernel, Arena arena)
      throws IOException {
    return Optional.ofNullable(
        switch (model) {
          case NONBLOCKING -> new Trying(fds, kernel, arena);
          case SELECT -> new Selecting(fds, kernel, arena);
          case POLL -> new Polling(fds, kernel, arena);
          case EPOLL -> new Epolling(fds, kernel, arena, 0);
          case EPOLL_ET -> new Epolling(fds, kernel, arena, Epoll.EPOLLET);
          case IO_URING -> new RingWaiter(fds, arena);
          default -> null;
        });
  }

  /// Whether a model has a way of its own to wait for many descriptors.
  static boolean isThereFor(IoModel model) {
    return switch (model) {
      case NONBLOCKING, SELECT, POLL, EPOLL, EPOLL_ET, IO_URING -> true;
      default -> false;
    };
  }

  /// The highest descriptor that a model can watch.
  static int highestDescriptor(IoModel model) {
    return model == IoModel.SELECT ? FdSet.FD_SETSIZE - 1 : Integer.MAX_VALUE;
  }

  /// Asks each socket in turn. It looks without taking the byte, as it would have to take it to
  /// know more.
  final class Trying implements Waiter {
    private final int[] fds;
    private final Kernel kernel;
    private final MemorySegment buffer;

    Trying(int[] fds, Kernel kernel, Arena arena) {
      this.fds = fds;
      this.kernel = kernel;
      this.buffer = arena.allocate(1);
    }

    @Override
    public int await(int[] ready) {
      int count = 0;
      for (int i = 0; i < fds.length; i++) {
        if (kernel.recv(fds[i], buffer, Socket.MSG_PEEK) > 0) {
          ready[count++] = i;
        }
      }
      return count;
    }
  }

  /// `select(2)`: a copy of the set goes in, because the kernel writes its answer over it.
  final class Selecting implements Waiter {
    private final Kernel kernel;
    private final FdSet interest;
    private final FdSet scratch;
    private final int[] indexes = new int[FdSet.FD_SETSIZE];
    private final int count;

    Selecting(int[] fds, Kernel kernel, Arena arena) {
      this.kernel = kernel;
      this.interest = FdSet.allocate(arena);
      this.scratch = FdSet.allocate(arena);
      int highest = -1;
      for (int i = 0; i < fds.length; i++) {
        interest.set(fds[i]);
        indexes[fds[i]] = i;
        highest = Math.max(highest, fds[i]);
      }
      this.count = highest + 1;
    }

    @Override
    public int await(int[] ready) {
      scratch.copyFrom(interest, count);
      int result = kernel.select(count, scratch, null, null, -1);
      int found = 0;
      for (int word = 0; word * Long.SIZE < count; word++) {
        for (long bits = scratch.word(word); bits != 0; bits &= bits - 1) {
          ready[found++] = indexes[word * Long.SIZE + Long.numberOfTrailingZeros(bits)];
        }
      }
      return result;
    }
  }

  /// `poll(2)`: the whole array goes in, and is looked through afterwards.
  final class Polling implements Waiter {
    private final Kernel kernel;
    private final PollFds entries;

    Polling(int[] fds, Kernel kernel, Arena arena) {
      this.kernel = kernel;
      this.entries = PollFds.allocate(arena, fds.length);
      for (int i = 0; i < fds.length; i++) {
        entries.set(i, fds[i], PollFds.POLLIN);
      }
    }

    @Override
    public int await(int[] ready) {
      int result = kernel.poll(entries, entries.capacity(), -1);
      int found = 0;
      for (int i = 0; found < result; i++) {
        if (entries.revents(i) != 0) {
          ready[found++] = i;
        }
      }
      return result;
    }
  }

  /// `epoll_wait(2)`: nothing goes in, and only what is ready comes out.
  final class Epolling implements Waiter {
    private static final int EVENTS_PER_WAIT = 1024;

    private final Kernel kernel;
    private final int epfd;
    private final EpollEvents events;

    Epolling(int[] fds, Kernel kernel, Arena arena, int flags) throws IOException {
      this.kernel = kernel;
      this.events = EpollEvents.allocate(arena, EVENTS_PER_WAIT);
      this.epfd = kernel.epollCreate1(Epoll.EPOLL_CLOEXEC);
      if (epfd < 0) {
        throw new IOException("epoll_create1: " + Errno.describe(epfd));
      }
      for (int i = 0; i < fds.length; i++) {
        int result = kernel.epollCtl(epfd, Epoll.EPOLL_CTL_ADD, fds[i], Epoll.EPOLLIN | flags, i);
        if (result < 0) {
          kernel.close(epfd);
          throw new IOException("epoll_ctl: " + Errno.describe(result));
        }
      }
    }

    @Override
    public int await(int[] ready) {
      int result = kernel.epollWait(epfd, events, -1);
      for (int e = 0; e < result; e++) {
        ready[e] = (int) events.data(e);
      }
      return result;
    }

    @Override
    public void close() {
      kernel.close(epfd);
    }
  }
}
