package dev.pollux.net.internal;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What stands behind each descriptor of a loop, indexed by its number, with a generation that
/// changes each time the number is given to something else.
final class DescriptorTable {
  private @Nullable Watched[] entries = new Watched[64];
  private int[] generations = new int[64];
  private int highest = -1;

  /// Enters `entry` and returns the key of this use of the descriptor.
  long register(int fd, Watched entry) {
    if (fd >= entries.length) {
      int size = Math.max(fd + 1, entries.length * 2);
      entries = Arrays.copyOf(entries, size);
      generations = Arrays.copyOf(generations, size);
    }
    entries[fd] = entry;
    highest = Math.max(highest, fd);
    return DescriptorKey.of(fd, ++generations[fd]);
  }

  /// Puts another behind the present use of a descriptor, which keeps its key.
  void replace(int fd, Watched entry) {
    entries[fd] = entry;
  }

  /// The key of the present use of the descriptor.
  long key(int fd) {
    return DescriptorKey.of(fd, fd < generations.length ? generations[fd] : 0);
  }

  void remove(int fd) {
    if (fd > highest) {
      return;
    }
    entries[fd] = null;
    while (highest >= 0 && entries[highest] == null) {
      highest--;
    }
  }

  /// What stands behind a key, or null if that use of the descriptor is over.
  @Nullable Watched find(long key) {
    int fd = DescriptorKey.fd(key);
    return generations[fd] == DescriptorKey.generation(key) ? entries[fd] : null;
  }

  @Nullable Watched at(int fd) {
    return fd <= highest ? entries[fd] : null;
  }

  int highestDescriptor() {
    return highest;
  }
}
