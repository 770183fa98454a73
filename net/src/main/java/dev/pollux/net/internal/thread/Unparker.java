package dev.pollux.net.internal.thread;

import dev.pollux.net.internal.Counter;
import dev.pollux.net.internal.RateLimitedLog;
import dev.pollux.net.internal.SpinDetector;
import dev.pollux.net.internal.loop.DescriptorKey;
import dev.pollux.net.internal.readiness.Interest;
import dev.pollux.sys.CountingKernel;
import dev.pollux.sys.Epoll;
import dev.pollux.sys.EpollEvents;
import dev.pollux.sys.Errno;
import dev.pollux.sys.EventFd;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.SyscallLedger;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Unparks the virtual threads whose descriptors are ready.
///
/// ```
///   virtual threads' descriptors --epoll--> the poller, a virtual thread: asks without waiting, unparks
///                                   |
///                                   +--epoll, EPOLLONESHOT--> the sentry, a platform thread: waits, unparks the poller
/// ```
///
/// The poller never waits in the kernel, which would hold up its carrier: when nothing is ready it
/// lets the others run, and when there is still nothing, it asks the sentry to watch and parks.
/// While there is work, no thread of the operating system is woken for it. Each descriptor is
/// registered once, edge-triggered for both directions: no `epoll_ctl` per message. The figures
/// behind all this are in docs/decisions.
public final class Unparker implements AutoCloseable {
  private static final int EVENTS_PER_WAIT = 512;
  private static final long BACK_OFF_NANOS = 10_000_000L;

  /// A peer that sends much to a thread that is busy is told of by every segment, and nobody has to
  /// be unparked for it; but not as often as that without one look at which nothing is new.
  private static final int VAIN_REPORTS_TOLERATED = 1024;

  private static final int BOTH_DIRECTIONS =
      Epoll.EPOLLIN | Epoll.EPOLLOUT | Epoll.EPOLLPRI | Epoll.EPOLLRDHUP | Epoll.EPOLLET;
  private static final int USUAL = Epoll.EPOLLIN | Epoll.EPOLLOUT;
  private static final int ONCE = Epoll.EPOLLIN | Epoll.EPOLLONESHOT;

  private final Function<Arena, Kernel> kernels;
  private final RateLimitedLog log;
  private final BiConsumer<String, Throwable> failures;
  private final ParkingTable parkings = new ParkingTable();
  private final Arena arena = Arena.ofShared();
  private final SyscallLedger ledger = new SyscallLedger();
  private final SyscallLedger sentryLedger = new SyscallLedger();
  private final Counter wakeups = new Counter();
  private final Counter staleEvents = new Counter();

  // The poller's.
  private final Kernel kernel;
  private final EpollEvents events;
  private final Thread poller;
  private final SpinDetector spins;

  // The sentry's.
  private final Kernel sentryKernel;
  private final EpollEvents sentryEvents;
  private final Thread sentry;

  /// Where the poller is parked.
  private final Parking idle = new Parking(0);

  private final int epfd;
  private final int sentryEpfd;
  private final int endFd;
  private volatile boolean stopping;

  /// Starts both threads.
  ///
  /// @param failures is told what their calls throw
  /// @throws IOException naming the errno
  public Unparker(
      Function<Arena, Kernel> kernels,
      String threadName,
      RateLimitedLog log,
      BiConsumer<String, Throwable> failures)
      throws IOException {
    this.kernels = kernels;
    this.log = log;
    this.failures = failures;
    this.spins = new SpinDetector(VAIN_REPORTS_TOLERATED, log, Unparker::reportInWords);
    this.kernel = new CountingKernel(kernels.apply(arena), ledger);
    this.events = EpollEvents.allocate(arena, EVENTS_PER_WAIT);
    this.sentryKernel = new CountingKernel(kernels.apply(arena), sentryLedger);
    this.sentryEvents = EpollEvents.allocate(arena, 2);
    this.epfd = kernel.epollCreate1(Epoll.EPOLL_CLOEXEC);
    this.sentryEpfd = kernel.epollCreate1(Epoll.EPOLL_CLOEXEC);
    this.endFd = kernel.eventfd(0, EventFd.EFD_CLOEXEC | EventFd.EFD_NONBLOCK);
    int failure = Math.min(epfd, Math.min(sentryEpfd, endFd));
    if (failure >= 0) {
      failure =
          Math.min(
              kernel.epollCtl(sentryEpfd, Epoll.EPOLL_CTL_ADD, endFd, Epoll.EPOLLIN, endFd),
              kernel.epollCtl(sentryEpfd, Epoll.EPOLL_CTL_ADD, epfd, Epoll.EPOLLONESHOT, epfd));
    }
    if (failure < 0) {
      closeAll();
      throw new IOException("epoll_create1, eventfd or epoll_ctl: " + Errno.describe(failure));
    }
    this.poller = Thread.ofVirtual().name(threadName).unstarted(this::pollAndUnpark);
    this.sentry = Thread.ofPlatform().name(threadName + "-sentry").unstarted(this::watch);
    poller.start();
    sentry.start();
  }

  public SyscallLedger.Snapshot systemCalls() {
    return ledger.snapshot().plus(sentryLedger.snapshot());
  }

  public long wakeups() {
    return wakeups.get();
  }

  public long staleEvents() {
    return staleEvents.get();
  }

  public long vainWakeups() {
    return spins.count();
  }

  private static String reportInWords(long key, int readiness) {
    return readiness == 0
        ? "something is reported ready, and nothing is"
        : "descriptor "
            + DescriptorKey.fd(key)
            + " is reported ready ("
            + Interest.names(readiness)
            + ")";
  }

  /// Any thread, with a kernel of its own: begins to watch a descriptor. Null if the kernel won't,
  /// for want of memory or of `fs.epoll.max_user_watches`.
  public @Nullable Parking watch(Kernel caller, int fd) {
    Parking parking = parkings.add(fd);
    int result = -Errno.ENOMEM;
    try {
      result = caller.epollCtl(epfd, Epoll.EPOLL_CTL_ADD, fd, BOTH_DIRECTIONS, parking.key());
    } finally {
      if (result < 0) {
        parkings.remove(parking);
      }
    }
    return result < 0 ? null : parking;
  }

  /// Before the descriptor is closed, which takes it off the kernel's list.
  public void forget(Parking parking) {
    parkings.remove(parking);
  }

  private void pollAndUnpark() {
    boolean woken = false;
    while (!stopping) {
      try {
        woken = pollOnce(woken);
      } catch (Throwable t) {
        // Nobody would be unparked any more without this thread.
        failed(t);
      }
    }
  }

  /// @param woken whether the sentry has just unparked this thread
  /// @return the same for the next time
  // Virtual threads are scheduled by the JDK in the order of their turns; a yield is a place at the
  // end of the queue.
  @SuppressWarnings("ThreadPriorityCheck")
  private boolean pollOnce(boolean woken) {
    int ready = kernel.epollWait(epfd, events, 0);
    if (ready == 0) {
      nothingReady(woken);
      // Those that were unparked run first: their peers' answers come in one batch then.
      Thread.yield();
      ready = kernel.epollWait(epfd, events, 0);
    }
    if (ready == 0) {
      kernel.epollCtl(sentryEpfd, Epoll.EPOLL_CTL_MOD, epfd, ONCE, epfd);
      idle.awaitReadable();
      return true;
    }
    if (ready > 0) {
      tellAll(ready);
      spins.afterWakeup();
    } else if (ready != -Errno.EINTR) {
      failed(ready);
    }
    return false;
  }

  private void nothingReady(boolean woken) {
    if (woken) {
      // Woken for nothing.
      spins.reported(0, 0);
    } else {
      spins.progress();
    }
    spins.afterWakeup();
  }

  private void tellAll(int ready) {
    wakeups.increment();
    for (int i = 0; i < ready; i++) {
      Parking parking = parkings.find(events.data(i));
      if (parking == null) {
        staleEvents.increment();
      } else {
        int seen = events.events(i);
        if ((seen & ~USUAL) != 0) {
          parking.onOddReport();
        }
        int readiness = readiness(seen);
        spins.reported(events.data(i), readiness);
        if (parking.onReady(readiness)) {
          spins.progress();
        }
      }
    }
  }

  private static int readiness(int seen) {
    // An end or an error shows when it is received or sent.
    boolean any = (seen & ~USUAL) != 0;
    return (any || (seen & Epoll.EPOLLIN) != 0 ? Interest.READ : 0)
        | (any || (seen & Epoll.EPOLLOUT) != 0 ? Interest.WRITE : 0);
  }

  private void watch() {
    while (!stopping) {
      try {
        int ready = sentryKernel.epollWait(sentryEpfd, sentryEvents, -1);
        if (ready < 0 && ready != -Errno.EINTR) {
          failed(ready);
        }
      } catch (Throwable t) {
        failed(t);
      }
      idle.wake();
    }
  }

  private void failed(Throwable cause) {
    failures.accept("waiting for the descriptors of virtual threads failed; it goes on", cause);
    LockSupport.parkNanos(BACK_OFF_NANOS);
  }

  private void failed(int result) {
    log.log(Level.ERROR, "epoll_wait: " + Errno.describe(result), null);
    LockSupport.parkNanos(BACK_OFF_NANOS);
  }

  /// Ends both threads; no other is parked any more.
  @Override
  public void close() {
    stopping = true;
    wakeSentrySurely();
    idle.wake();
    ConnectionThreads.joinUninterruptibly(sentry);
    ConnectionThreads.joinUninterruptibly(poller);
    closeAll();
  }

  /// Twice if need be: a sentry that is not woken is waited for in vain.
  private void wakeSentrySurely() {
    for (int i = 0; i < 2; i++) {
      try (Arena mine = Arena.ofConfined()) {
        MemorySegment one = mine.allocate(ValueLayout.JAVA_LONG);
        one.set(ValueLayout.JAVA_LONG, 0, 1);
        kernels.apply(mine).write(endFd, one, 0, one.byteSize());
        return;
      } catch (Throwable t) {
        failures.accept("waking the sentry of virtual threads failed", t);
      }
    }
  }

  private void closeAll() {
    for (int fd : new int[] {endFd, epfd, sentryEpfd}) {
      if (fd >= 0) {
        kernel.close(fd);
      }
    }
    arena.close();
  }
}
