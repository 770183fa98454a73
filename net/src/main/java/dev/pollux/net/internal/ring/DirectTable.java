package dev.pollux.net.internal.ring;

import dev.pollux.net.RingOptions;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.Ring;
import dev.pollux.sys.RingFeatures;
import dev.pollux.sys.Rlimit;
import java.io.IOException;

/// The file table of a ring of its own.
public final class DirectTable {
  /// Places that are kept free for what is on its way to another ring.
  public static final int RESERVE = 64;

  private DirectTable() {}

  /// Makes the table, empty; returns how many places it has.
  public static int register(Ring ring, Kernel kernel, RingOptions options) throws IOException {
    if (!ring.features().has(RingFeatures.Feature.DIRECT_DESCRIPTORS)) {
      throw new IOException(
          "direct descriptors need a kernel of Linux 6.8 or newer; without them connections use"
              + " descriptors of the process");
    }
    long[] limits = new long[2];
    kernel.getrlimit(Rlimit.RLIMIT_NOFILE, limits);
    long most = limits[0] < 0 ? 1 << 20 : Math.min(limits[0], 1 << 20);
    int slots = options.directSlots() == 0 ? (int) most : options.directSlots();
    if (slots <= RESERVE) {
      throw new IOException("directSlots is " + slots + "; it must be more than " + RESERVE);
    }
    int result = ring.registerSparseFiles(slots);
    if (result < 0) {
      throw new IOException(
          "a table of "
              + slots
              + " files for a ring: "
              + Errno.describe(result)
              + " (each table is bounded by RLIMIT_NOFILE, which is "
              + limits[0]
              + ")");
    }
    return slots;
  }
}
