package dev.pollux.net;

import dev.pollux.sys.Epoll;
import dev.pollux.sys.EpollEvents;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Fcntl;
import dev.pollux.sys.FdSet;
import dev.pollux.sys.IoVector;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.PollFds;
import dev.pollux.sys.Ring;
import dev.pollux.sys.SockAddr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The real kernel with faults that a real kernel may have, by chance from a seed or on demand. One
/// object makes the kernels of all owners, and their rings.
///
/// Not every lie is allowed: `EAGAIN` while there is something to receive would be one that an
/// edge-triggered program could never recover from, and the kernel does not tell it. Nor does it
/// answer "nothing" to who asks without waiting while it knows of something: `virtual` goes to
/// sleep upon that word. A short receive is one whose rest comes a moment later, which is told to
/// who watches edge-triggered: what epoll(7) says of short reads holds. `EINTR` and short sends may
/// come at any time.
public final class FaultyKernel {

  /// What happens by chance.
  public enum Fault {
    /// `EINTR` from a call that waits, receives or sends.
    INTERRUPTED,
    /// A receive or send of less than there is.
    SHORT,
    /// `EAGAIN` from a receive or send that need not say it. Only where readiness is told again.
    AGAIN_TOO_EARLY,
    /// A descriptor is said to be readable that is not: BUGS in select(2).
    SPURIOUSLY_READY,
    /// What is ready is told one wait later, to who waits, or to who is told of something else
    /// meanwhile; its descriptor may be closed by then.
    LATE
  }

  private static final Set<Fault> USUAL = EnumSet.of(Fault.INTERRUPTED, Fault.SHORT);

  private final long seed;
  private final Random random;

  /// Out of 100 calls at which something may happen, how many are.
  private final int percent;

  private final Set<Fault> faults;

  /// The descriptors that somebody watches edge-triggered.
  private final Map<Integer, Edges> edges = new ConcurrentHashMap<>();

  /// How many accept4 calls more fail with this errno; on a descriptor that does not block, only
  /// calls that a client waits for count, so that a model that tries all the time takes no fault
  /// before its client is there.
  final AtomicInteger acceptFailures = new AtomicInteger();

  final AtomicInteger acceptErrno = new AtomicInteger();
  final AtomicLong acceptCalls = new AtomicLong();

  /// How many descriptors more can't be registered by epoll_ctl, with this errno, after those that
  /// the engine needs for itself. To change what is registered takes the kernel no memory.
  final AtomicInteger watchFailures = new AtomicInteger();

  final AtomicInteger watchErrno = new AtomicInteger(Errno.ENOSPC);

  /// How many receives that have got bytes fail with this errno instead.
  final AtomicInteger receiveFailures = new AtomicInteger();

  final AtomicInteger receiveErrno = new AtomicInteger();

  /// How many sends more fail with this errno.
  final AtomicInteger sendFailures = new AtomicInteger();

  final AtomicInteger sendErrno = new AtomicInteger();

  public FaultyKernel(long seed, int percent) {
    this(seed, percent, USUAL);
  }

  public FaultyKernel(long seed, int percent, Set<Fault> faults) {
    this.seed = seed;
    this.random = new Random(seed);
    this.percent = percent;
    this.faults = faults;
  }

  /// A kernel of one owner, with faults.
  public Kernel over(Kernel real) {
    return new OfOneOwner(real);
  }

  /// A ring with faults of the same seed.
  public Ring over(Ring real) {
    return new FaultyRing(real, this, seed, percent);
  }

  private boolean chance(Fault fault) {
    return faults.contains(fault) && chance();
  }

  private synchronized boolean chance() {
    return random.nextInt(100) < percent;
  }

  private synchronized long below(long bound) {
    return random.nextLong(bound);
  }

  /// Whether a failure that was asked for is due.
  static boolean due(AtomicInteger failures) {
    return failures.get() > 0 && failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
  }

  private static boolean mayFail(Kernel real, int listening) {
    int flags = real.fcntl(listening, Fcntl.F_GETFL, 0);
    // `nio` has no such call, and accepts only when somebody waits.
    if (flags < 0 || (flags & Fcntl.O_NONBLOCK) == 0) {
      return true;
    }
    try (Arena arena = Arena.ofConfined()) {
      PollFds one = PollFds.allocate(arena, 1);
      one.set(0, listening, PollFds.POLLIN);
      return real.poll(one, 1, 0) == 1;
    }
  }

  private record Event(int events, long data) {}

  private record Edges(int epfd, int events, long data) {}

  private final class OfOneOwner extends PassingKernel {
    /// What epoll was asked to watch for reading, and under which data.
    private final Map<Integer, Long> watched = new LinkedHashMap<>();

    private final ArrayDeque<Event> late = new ArrayDeque<>();

    OfOneOwner(Kernel real) {
      super(real);
    }

    @Override
    public int accept4(int fd, @Nullable SockAddr peer, int flags) {
      boolean asked = acceptFailures.get() > 0;
      boolean nobody = asked && !mayFail(kernel(), fd);
      boolean fails = asked && !nobody && due(acceptFailures);
      // Counted when it is decided: a test that waits for the call knows that it is past this.
      acceptCalls.incrementAndGet();
      if (nobody) {
        // Who has come since is for the next call, which fails.
        return -Errno.EAGAIN;
      }
      return fails ? -acceptErrno.get() : super.accept4(fd, peer, flags);
    }

    @Override
    public int recv(int fd, MemorySegment buffer, int flags) {
      if (chance(Fault.INTERRUPTED)) {
        return -Errno.EINTR;
      }
      if (chance(Fault.AGAIN_TOO_EARLY)) {
        return -Errno.EAGAIN;
      }
      // No data is lost: the rest stays in the socket.
      MemorySegment part =
          chance(Fault.SHORT) ? buffer.asSlice(0, 1 + below(buffer.byteSize())) : buffer;
      int received = super.recv(fd, part, flags);
      if (received == part.byteSize() && received < buffer.byteSize()) {
        tellOfTheRest(fd);
      }
      return received > 0 && due(receiveFailures) ? -receiveErrno.get() : received;
    }

    private void tellOfTheRest(int fd) {
      Edges watched = edges.get(fd);
      if (watched != null) {
        super.epollCtl(watched.epfd(), Epoll.EPOLL_CTL_MOD, fd, watched.events(), watched.data());
      }
    }

    @Override
    public int send(int fd, MemorySegment buffer, long offset, long length, int flags) {
      int failure = failureToSend();
      if (failure < 0) {
        return failure;
      }
      long part = length > 1 && chance(Fault.SHORT) ? 1 + below(length - 1) : length;
      return super.send(fd, buffer, offset, part, flags);
    }

    @Override
    public int sendmsg(int fd, IoVector pieces, int flags) {
      int failure = failureToSend();
      return failure < 0 ? failure : super.sendmsg(fd, pieces, flags);
    }

    private int failureToSend() {
      if (due(sendFailures)) {
        return -sendErrno.get();
      }
      if (chance(Fault.INTERRUPTED)) {
        return -Errno.EINTR;
      }
      return chance(Fault.AGAIN_TOO_EARLY) ? -Errno.EAGAIN : 0;
    }

    // Waiting

    @Override
    public int epollCtl(int epfd, int operation, int fd, int events, long data) {
      if (operation == Epoll.EPOLL_CTL_ADD && due(watchFailures)) {
        return -watchErrno.get();
      }
      if ((events & Epoll.EPOLLIN) != 0 && (events & Epoll.EPOLLONESHOT) == 0) {
        watched.put(fd, data);
      } else {
        watched.remove(fd);
      }
      if ((events & Epoll.EPOLLET) != 0) {
        edges.put(fd, new Edges(epfd, events, data));
      }
      return super.epollCtl(epfd, operation, fd, events, data);
    }

    @Override
    public int close(int fd) {
      watched.remove(fd);
      edges.remove(fd);
      return super.close(fd);
    }

    @Override
    public int epollWait(int epfd, EpollEvents events, int timeoutMillis) {
      if (chance(Fault.INTERRUPTED)) {
        return -Errno.EINTR;
      }
      boolean spurious = !watched.isEmpty() && chance(Fault.SPURIOUSLY_READY);
      boolean atOnce = spurious || !late.isEmpty();
      int found = super.epollWait(epfd, events, atOnce ? 0 : timeoutMillis);
      if (found < 0) {
        return found;
      }
      int kept = 0;
      ArrayDeque<Event> later = new ArrayDeque<>();
      for (int i = 0; i < found; i++) {
        boolean lastHope = timeoutMillis == 0 && late.isEmpty() && kept == 0 && i == found - 1;
        if (!lastHope && chance(Fault.LATE)) {
          later.addLast(new Event(events.events(i), events.data(i)));
        } else {
          events.set(kept++, events.events(i), events.data(i));
        }
      }
      while (!late.isEmpty() && kept < events.capacity()) {
        Event event = late.removeFirst();
        events.set(kept++, event.events(), event.data());
      }
      late.addAll(later);
      if (spurious && kept < events.capacity()) {
        Long[] all = watched.values().toArray(Long[]::new);
        events.set(kept++, Epoll.EPOLLIN, all[(int) below(all.length)]);
      }
      return kept;
    }

    @Override
    public int poll(PollFds fds, int count, int timeoutMillis) {
      if (chance(Fault.INTERRUPTED)) {
        return -Errno.EINTR;
      }
      boolean spurious = count > 0 && chance(Fault.SPURIOUSLY_READY);
      int found = super.poll(fds, count, spurious ? 0 : timeoutMillis);
      if (spurious && found >= 0) {
        int index = (int) below(count);
        if ((fds.events(index) & PollFds.POLLIN) != 0 && fds.revents(index) == 0) {
          fds.told(index, PollFds.POLLIN);
          found++;
        }
      }
      for (int i = 0; i < count && found > 0; i++) {
        if (fds.revents(i) != 0 && chance(Fault.LATE)) {
          // Level-triggered: the next call tells it again.
          fds.told(i, 0);
          found--;
        }
      }
      return found;
    }

    @Override
    public int select(
        int count,
        @Nullable FdSet read,
        @Nullable FdSet write,
        @Nullable FdSet except,
        long timeoutMicros) {
      if (chance(Fault.INTERRUPTED)) {
        return -Errno.EINTR;
      }
      int spurious = -1;
      if (count > 0 && read != null && chance(Fault.SPURIOUSLY_READY)) {
        int fd = (int) below(count);
        spurious = read.isSet(fd) ? fd : -1;
      }
      int found = super.select(count, read, write, except, spurious >= 0 ? 0 : timeoutMicros);
      if (found >= 0 && spurious >= 0 && read != null && !read.isSet(spurious)) {
        read.set(spurious);
        found++;
      }
      for (int fd = 0; fd < count && found > 0 && read != null; fd++) {
        if (read.isSet(fd) && chance(Fault.LATE)) {
          read.clear(fd);
          found--;
        }
      }
      return found;
    }
  }
}
