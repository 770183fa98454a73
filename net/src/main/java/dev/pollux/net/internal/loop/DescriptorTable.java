package dev.pollux.net.internal.loop;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What stands behind each descriptor of a loop, indexed by its number, with a generation that
/// changes each time the number is given to something else. A key is at most 56 bits long.
///
/// @param <T> what stands behind a descriptor
public final class DescriptorTable<T> {
  private static final int GENERATIONS = 1 << 24;

  private @Nullable Object[] entries = new Object[64];
  private int[] generations = new int[64];
  private int highest = -1;

  /// Enters `entry` and returns the key of this use of the descriptor.
  public long register(int fd, T entry) {
    if (fd >= entries.length) {
      int size = Math.max(fd + 1, entries.length * 2);
      entries = Arrays.copyOf(entries, size);
      generations = Arrays.copyOf(generations, size);
    }
    entries[fd] = entry;
    highest = Math.max(highest, fd);
    generations[fd] = generations[fd] + 1 & GENERATIONS - 1;
    return DescriptorKey.of(fd, generations[fd]);
  }

  /// Puts another behind the present use of a descriptor, which keeps its key.
  public void replace(int fd, T entry) {
    entries[fd] = entry;
  }

  /// The key of the present use of the descriptor.
  public long key(int fd) {
    return DescriptorKey.of(fd, fd < generations.length ? generations[fd] : 0);
  }

  public void remove(int fd) {
    if (fd > highest) {
      return;
    }
    entries[fd] = null;
    while (highest >= 0 && entries[highest] == null) {
      highest--;
    }
  }

  /// What stands behind a key, or null if that use of the descriptor is over.
  public @Nullable T find(long key) {
    int fd = DescriptorKey.fd(key);
    return fd >= 0 && fd <= highest && generations[fd] == DescriptorKey.generation(key)
        ? entry(fd)
        : null;
  }

  public @Nullable T at(int fd) {
    return fd <= highest ? entry(fd) : null;
  }

  @SuppressWarnings("unchecked") // Only what is a T is ever put there.
  private @Nullable T entry(int fd) {
    return (T) entries[fd];
  }

  public int highestDescriptor() {
    return highest;
  }
}
