package dev.pollux.net.internal.readiness;

import dev.pollux.net.internal.loop.DescriptorKey;
import dev.pollux.net.internal.time.Timeouts;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.PollFds;
import java.lang.foreign.Arena;
import java.util.function.Supplier;

/// `poll(2)`: an array of every descriptor, handed in whole at each call and scanned whole
/// afterwards.
public final class PollPoller implements Poller {
  private static final int FIRST_CAPACITY = 64;

  private final Kernel kernel;
  private final WatchList watched = new WatchList();
  private final ReadyList ready = new ReadyList();
  private final Supplier<Arena> arenas = Arena::ofConfined;
  private Arena memory = arenas.get();
  private PollFds fds = PollFds.allocate(memory, FIRST_CAPACITY);

  public PollPoller(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public int add(long key, int interest) {
    int index = watched.add(key, interest);
    if (index == fds.capacity()) {
      grow();
    }
    fds.set(index, DescriptorKey.fd(key), events(interest));
    return 0;
  }

  @Override
  public int modify(long key, int interest) {
    int index = watched.modify(key, interest);
    if (index >= 0) {
      fds.set(index, DescriptorKey.fd(key), events(interest));
    }
    return 0;
  }

  @Override
  public void remove(long key) {
    int index = watched.remove(key);
    if (index >= 0 && index < watched.count()) {
      fds.copy(watched.count(), index);
    }
  }

  @Override
  public int await(long timeoutNanos, ReadySink sink) {
    int count = watched.count();
    int result = kernel.poll(fds, count, Timeouts.toMillis(timeoutNanos));
    if (result <= 0) {
      return result;
    }
    for (int i = 0, left = result; left > 0 && i < count; i++) {
      int revents = fds.revents(i);
      if (revents != 0) {
        ready.add(watched.key(i), readiness(revents));
        left--;
      }
    }
    return ready.deliver(sink);
  }

  @Override
  public void close() {
    memory.close();
  }

  private void grow() {
    Arena smaller = memory;
    memory = arenas.get();
    PollFds larger = PollFds.allocate(memory, fds.capacity() * 2);
    for (int i = 0; i < fds.capacity(); i++) {
      larger.set(i, fds.fd(i), fds.events(i));
    }
    smaller.close();
    fds = larger;
  }

  private static int events(int interest) {
    return ((interest & Interest.READ) != 0 ? PollFds.POLLIN : 0)
        | ((interest & Interest.WRITE) != 0 ? PollFds.POLLOUT : 0);
  }

  private static int readiness(int revents) {
    return ((revents & PollFds.POLLIN) != 0 ? Interest.READ : 0)
        | ((revents & PollFds.POLLOUT) != 0 ? Interest.WRITE : 0)
        | ((revents & (PollFds.POLLERR | PollFds.POLLHUP | PollFds.POLLNVAL)) != 0
            ? Interest.HANGUP
            : 0);
  }
}
