package dev.pollux.net.internal.readiness;

import dev.pollux.net.internal.loop.DescriptorKey;
import dev.pollux.net.internal.time.Timeouts;
import dev.pollux.sys.Errno;
import dev.pollux.sys.FdSet;
import dev.pollux.sys.Kernel;
import java.lang.foreign.Arena;

/// `select(2)`: two bitmaps that the kernel scans whole and rewrites in place, so they are made
/// anew for every call and scanned whole again afterwards.
///
/// The sets hold descriptors below `FD_SETSIZE`. That limit is the C library's type, not the
/// kernel's, which takes any length; we keep it because that is the `select` that programs meet.
public final class SelectPoller implements Poller {
  private final Kernel kernel;
  private final FdSet readInterest;
  private final FdSet writeInterest;
  private final FdSet readSet;
  private final FdSet writeSet;
  private final long[] keys = new long[FdSet.FD_SETSIZE];
  private final ReadyList ready = new ReadyList();
  private int highest = -1;

  public SelectPoller(Kernel kernel, Arena arena) {
    this.kernel = kernel;
    readInterest = FdSet.allocate(arena);
    writeInterest = FdSet.allocate(arena);
    readSet = FdSet.allocate(arena);
    writeSet = FdSet.allocate(arena);
  }

  @Override
  public int highestDescriptor() {
    return FdSet.FD_SETSIZE - 1;
  }

  @Override
  public int add(long key, int interest) {
    int fd = DescriptorKey.fd(key);
    if (fd >= FdSet.FD_SETSIZE) {
      return -Errno.ENOSPC;
    }
    keys[fd] = key;
    highest = Math.max(highest, fd);
    return modify(key, interest);
  }

  @Override
  public int modify(long key, int interest) {
    int fd = DescriptorKey.fd(key);
    put(readInterest, fd, (interest & Interest.READ) != 0);
    put(writeInterest, fd, (interest & Interest.WRITE) != 0);
    return 0;
  }

  @Override
  public void remove(long key) {
    int fd = DescriptorKey.fd(key);
    if (fd >= FdSet.FD_SETSIZE) {
      return;
    }
    readInterest.clear(fd);
    writeInterest.clear(fd);
    while (highest >= 0 && !readInterest.isSet(highest) && !writeInterest.isSet(highest)) {
      highest--;
    }
  }

  @Override
  public int await(long timeoutNanos, ReadySink sink) {
    int descriptors = highest + 1;
    readSet.copyFrom(readInterest, descriptors);
    writeSet.copyFrom(writeInterest, descriptors);
    int result =
        kernel.select(descriptors, readSet, writeSet, null, Timeouts.toMicros(timeoutNanos));
    if (result <= 0) {
      return result;
    }
    for (int word = 0; word * Long.SIZE < descriptors; word++) {
      long readable = readSet.word(word);
      long writable = writeSet.word(word);
      for (long any = readable | writable; any != 0; any &= any - 1) {
        int bit = Long.numberOfTrailingZeros(any);
        int readiness =
            ((readable >>> bit & 1) != 0 ? Interest.READ : 0)
                | ((writable >>> bit & 1) != 0 ? Interest.WRITE : 0);
        ready.add(keys[word * Long.SIZE + bit], readiness);
      }
    }
    return ready.deliver(sink);
  }

  private void put(FdSet set, int fd, boolean wanted) {
    if (wanted) {
      set.set(fd);
      highest = Math.max(highest, fd);
    } else {
      set.clear(fd);
    }
  }
}
