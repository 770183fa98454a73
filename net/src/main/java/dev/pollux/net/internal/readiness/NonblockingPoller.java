package dev.pollux.net.internal.readiness;

/// Never waits and calls every descriptor ready: the loop then tries each in turn, and the kernel
/// says `EAGAIN` to most. This is busy waiting; it costs a whole CPU while nothing happens.
public final class NonblockingPoller implements Poller {
  private final WatchList watched = new WatchList();
  private final ReadyList ready = new ReadyList();

  @Override
  public int add(long key, int interest) {
    watched.add(key, interest);
    return 0;
  }

  @Override
  public int modify(long key, int interest) {
    watched.modify(key, interest);
    return 0;
  }

  @Override
  public void remove(long key) {
    watched.remove(key);
  }

  @Override
  public boolean waits() {
    return false;
  }

  @Override
  public int await(long timeoutNanos, ReadySink sink) {
    for (int i = 0; i < watched.count(); i++) {
      int interest = watched.interest(i) & (Interest.READ | Interest.WRITE);
      if (interest != Interest.NONE) {
        ready.add(watched.key(i), interest);
      }
    }
    return ready.deliver(sink);
  }
}
