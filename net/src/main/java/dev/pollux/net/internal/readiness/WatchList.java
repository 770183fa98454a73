package dev.pollux.net.internal.readiness;

import dev.pollux.net.internal.loop.DescriptorKey;
import java.util.Arrays;

/// The descriptors that a poller without a list in the kernel watches: dense, in arrays, found by
/// descriptor.
public final class WatchList {
  private long[] keys = new long[64];
  private byte[] interests = new byte[64];
  private int[] indexByFd = new int[64];
  private int count;

  public WatchList() {
    Arrays.fill(indexByFd, -1);
  }

  public int count() {
    return count;
  }

  public long key(int index) {
    return keys[index];
  }

  public int interest(int index) {
    return interests[index];
  }

  /// Returns the index at which the descriptor was added: the last one.
  public int add(long key, int interest) {
    int fd = DescriptorKey.fd(key);
    if (count == keys.length) {
      keys = Arrays.copyOf(keys, count * 2);
      interests = Arrays.copyOf(interests, count * 2);
    }
    if (fd >= indexByFd.length) {
      int before = indexByFd.length;
      indexByFd = Arrays.copyOf(indexByFd, Math.max(fd + 1, before * 2));
      Arrays.fill(indexByFd, before, indexByFd.length, -1);
    }
    keys[count] = key;
    interests[count] = (byte) interest;
    indexByFd[fd] = count;
    return count++;
  }

  /// Returns the index of the descriptor, or -1 if it is not watched under that key.
  public int modify(long key, int interest) {
    int index = indexOf(key);
    if (index >= 0) {
      interests[index] = (byte) interest;
    }
    return index;
  }

  /// Removes the descriptor; the last one takes its place. Returns that place, or -1 if it was not
  /// watched.
  public int remove(long key) {
    int index = indexOf(key);
    if (index < 0) {
      return -1;
    }
    indexByFd[DescriptorKey.fd(key)] = -1;
    count--;
    if (index < count) {
      keys[index] = keys[count];
      interests[index] = interests[count];
      indexByFd[DescriptorKey.fd(keys[index])] = index;
    }
    return index;
  }

  private int indexOf(long key) {
    int fd = DescriptorKey.fd(key);
    int index = fd < indexByFd.length ? indexByFd[fd] : -1;
    return index >= 0 && keys[index] == key ? index : -1;
  }
}
