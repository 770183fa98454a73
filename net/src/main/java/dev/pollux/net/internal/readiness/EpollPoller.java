package dev.pollux.net.internal.readiness;

import dev.pollux.net.internal.loop.DescriptorKey;
import dev.pollux.net.internal.time.Timeouts;
import dev.pollux.sys.Epoll;
import dev.pollux.sys.EpollEvents;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import java.io.IOException;
import java.lang.foreign.Arena;

/// `epoll(7)`: the list of interest lives in the kernel, and a wait returns only what is ready.
///
/// Level-triggered, `epoll_ctl` is called when interest changes. Edge-triggered, a connection is
/// registered once for both directions and never changed: the loop remembers what it was told.
public final class EpollPoller implements Poller {
  private static final int EVENTS_PER_WAIT = 1024;

  private final Kernel kernel;
  private final boolean edgeTriggered;
  private final EpollEvents events;
  private final int epfd;

  public EpollPoller(Kernel kernel, Arena arena, boolean edgeTriggered) throws IOException {
    this.kernel = kernel;
    this.edgeTriggered = edgeTriggered;
    this.events = EpollEvents.allocate(arena, EVENTS_PER_WAIT);
    this.epfd = kernel.epollCreate1(Epoll.EPOLL_CLOEXEC);
    if (epfd < 0) {
      throw new IOException("epoll_create1: " + Errno.describe(epfd));
    }
  }

  @Override
  public boolean edgeTriggered() {
    return edgeTriggered;
  }

  @Override
  public int add(long key, int interest) {
    return kernel.epollCtl(
        epfd, Epoll.EPOLL_CTL_ADD, DescriptorKey.fd(key), epollEvents(interest), key);
  }

  @Override
  public int modify(long key, int interest) {
    return kernel.epollCtl(
        epfd, Epoll.EPOLL_CTL_MOD, DescriptorKey.fd(key), epollEvents(interest), key);
  }

  /// Nothing to do: close(2) takes a descriptor off the list, because none of ours is ever
  /// duplicated.
  @Override
  public void remove(long key) {}

  @Override
  public int await(long timeoutNanos, ReadySink sink) {
    int result = kernel.epollWait(epfd, events, Timeouts.toMillis(timeoutNanos));
    for (int i = 0; i < result; i++) {
      sink.onReady(events.data(i), readiness(events.events(i)));
    }
    return result;
  }

  @Override
  public boolean toldAll(int ready) {
    return ready >= 0 && ready < EVENTS_PER_WAIT;
  }

  @Override
  public void close() {
    kernel.close(epfd);
  }

  private int epollEvents(int interest) {
    int read = (interest & Interest.READ) != 0 ? Epoll.EPOLLIN : 0;
    int write = (interest & Interest.WRITE) != 0 ? Epoll.EPOLLOUT : 0;
    boolean edge = edgeTriggered && (interest & Interest.LEVEL) == 0;
    return read | write | (edge ? Epoll.EPOLLET : 0);
  }

  private static int readiness(int events) {
    return ((events & Epoll.EPOLLIN) != 0 ? Interest.READ : 0)
        | ((events & Epoll.EPOLLOUT) != 0 ? Interest.WRITE : 0)
        | ((events & (Epoll.EPOLLERR | Epoll.EPOLLHUP)) != 0 ? Interest.HANGUP : 0);
  }
}
