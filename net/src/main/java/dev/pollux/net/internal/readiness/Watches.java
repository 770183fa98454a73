package dev.pollux.net.internal.readiness;

import dev.pollux.net.internal.loop.DescriptorTable;
import dev.pollux.net.internal.time.TimingWheel;
import dev.pollux.sys.Errno;
import java.io.IOException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Everything that a loop watches: who stands behind each descriptor, what the poller watches it
/// for, and its timer.
public final class Watches {
  private final Poller poller;
  private final LongSupplier nanoClock;
  private final DescriptorTable<Watched> descriptors = new DescriptorTable<>();
  private final TimingWheel wheel;

  public Watches(Poller poller, LongSupplier nanoClock) {
    this.poller = poller;
    this.nanoClock = nanoClock;
    this.wheel = new TimingWheel(nanoClock.getAsLong());
  }

  /// Starts to watch a descriptor. Result 0 or -errno; `ENOSPC` if it is beyond what the poller can
  /// watch.
  public int watch(int fd, Watched watched, int interest) {
    if (fd > poller.highestDescriptor()) {
      return -Errno.ENOSPC;
    }
    long key = descriptors.register(fd, watched);
    int result = -Errno.ENOMEM;
    try {
      result = poller.add(key, interest);
    } finally {
      if (result < 0) {
        // Also if that throws half-way: nobody else would take it back.
        descriptors.remove(fd);
        poller.remove(key);
      }
    }
    return result;
  }

  /// Watches a descriptor of the loop's own (a listener, the wake-up) for reading.
  ///
  /// @throws IOException if it can't be watched
  public void watchOwn(int fd, Watched watched) throws IOException {
    int result = watch(fd, watched, Interest.READ | Interest.LEVEL);
    if (result < 0) {
      boolean beyond = fd > poller.highestDescriptor();
      throw new IOException(
          "descriptor "
              + fd
              + " can't be watched: "
              + (beyond
                  ? "it is beyond FD_SETSIZE, the C library's limit"
                  : Errno.describe(result)));
    }
  }

  /// Puts another behind the same use of a descriptor. Result 0 or -errno; nothing has changed
  /// then.
  public int replace(int fd, Watched watched, int interest) {
    int result = poller.edgeTriggered() ? 0 : poller.modify(descriptors.key(fd), interest);
    if (result >= 0) {
      descriptors.replace(fd, watched);
    }
    return result;
  }

  public int change(int fd, int interest) {
    return poller.modify(descriptors.key(fd), interest);
  }

  public void changeOwn(int fd, int interest) {
    poller.modify(descriptors.key(fd), interest | Interest.LEVEL);
  }

  /// Stops watching a descriptor, which stays open.
  public void forget(int fd) {
    wheel.cancel(fd);
    try {
      poller.remove(descriptors.key(fd));
    } finally {
      descriptors.remove(fd);
    }
  }

  /// Who stands behind a key, or null if that use of the descriptor is over.
  public @Nullable Watched find(long key) {
    return descriptors.find(key);
  }

  public @Nullable Watched at(int fd) {
    return descriptors.at(fd);
  }

  public int highestDescriptor() {
    return descriptors.highestDescriptor();
  }

  public void setTimer(int fd, long delayNanos) {
    wheel.set(fd, nanoClock.getAsLong(), delayNanos);
  }

  public void cancelTimer(int fd) {
    wheel.cancel(fd);
  }

  /// Tells `expiry` of the timers that are over at `nowNanos`.
  public void advanceTimers(long nowNanos, TimingWheel.Expiry expiry) {
    wheel.advance(nowNanos, expiry);
  }

  /// Nanoseconds from `nowNanos` to the next timer; -1 if none is set.
  public long nanosToNextTimer(long nowNanos) {
    return wheel.nanosToNext(nowNanos);
  }
}
