package dev.pollux.net.internal.loop;

/// A descriptor and its generation in one long: the kernel reuses the numbers, the generation tells
/// the uses apart.
public final class DescriptorKey {
  private DescriptorKey() {}

  public static long of(int fd, int generation) {
    return (long) generation << 32 | fd;
  }

  public static int fd(long key) {
    return (int) key;
  }

  public static int generation(long key) {
    return (int) (key >>> 32);
  }
}
