package dev.pollux.net.internal;

/// A descriptor and its generation in one long: the kernel reuses the numbers, the generation tells
/// the uses apart.
final class DescriptorKey {
  private DescriptorKey() {}

  static long of(int fd, int generation) {
    return (long) generation << 32 | fd;
  }

  static int fd(long key) {
    return (int) key;
  }

  static int generation(long key) {
    return (int) (key >>> 32);
  }
}
