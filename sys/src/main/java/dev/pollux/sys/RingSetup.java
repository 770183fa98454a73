package dev.pollux.sys;

import dev.pollux.sys.RingFeatures.Feature;
import java.util.Set;

/// How a ring is to be.
///
/// @param submissions places for submissions, a power of two
/// @param completions places for completions, a power of two; the kernel keeps what does not fit
/// @param receiveBuffers how many buffers the kernel may receive into, a power of two up to 32,768
/// @param receiveBufferBytes the size of each; where a receive takes only as much of a buffer as it
///   fills ([Feature#INCREMENTAL_BUFFERS]) there are two buffers of the same memory instead
/// @param allowed the features that may be used, if the kernel has them
public record RingSetup(
    int submissions,
    int completions,
    int receiveBuffers,
    int receiveBufferBytes,
    Set<Feature> allowed) {

  /// 512 submissions, 4,096 completions, 32 buffers of 32 KiB, all features.
  ///
  /// The memory is little, because the kernel goes through it in turn and a large pool is always
  /// cold; but enough for what one wait brings, some 20 messages of 16 KiB and what is received for
  /// new submissions. Each buffer is larger than such a message with its header, because a receive
  /// ends where a buffer does.
  public static final RingSetup DEFAULT =
      new RingSetup(512, 4096, 32, 32 * 1024, RingFeatures.all());

  private static final long MOST_RECEIVE_BYTES = 1 << 30;

  public RingSetup {
    requirePowerOfTwo("submissions", submissions, 32_768);
    requirePowerOfTwo("completions", completions, 65_536);
    requirePowerOfTwo("receiveBuffers", receiveBuffers, 32_768);
    if (receiveBufferBytes < 512 || receiveBufferBytes > 1 << 24) {
      throw new IllegalArgumentException(
          "receiveBufferBytes is " + receiveBufferBytes + "; it must be from 512 to 16 MiB");
    }
    long total = (long) receiveBuffers * receiveBufferBytes;
    if (total > MOST_RECEIVE_BYTES) {
      throw new IllegalArgumentException(
          receiveBuffers
              + " receive buffers of "
              + receiveBufferBytes
              + " bytes are "
              + total
              + " bytes; together they must be at most 1 GiB");
    }
    allowed = Set.copyOf(allowed);
  }

  /// The same with other receive buffers.
  public RingSetup withReceiveBuffers(int count, int bytes) {
    return new RingSetup(submissions, completions, count, bytes, allowed);
  }

  /// The same with other places for submissions and completions.
  public RingSetup withPlaces(int submissions, int completions) {
    return new RingSetup(submissions, completions, receiveBuffers, receiveBufferBytes, allowed);
  }

  /// The same with these features at most.
  public RingSetup withAllowed(Set<Feature> features) {
    return new RingSetup(submissions, completions, receiveBuffers, receiveBufferBytes, features);
  }

  private static void requirePowerOfTwo(String name, int value, int most) {
    if (Integer.bitCount(value) != 1 || value < 1 || value > most) {
      throw new IllegalArgumentException(
          name + " is " + value + "; it must be a power of two, at most " + most);
    }
  }
}
