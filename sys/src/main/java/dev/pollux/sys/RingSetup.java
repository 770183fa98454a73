package dev.pollux.sys;

import dev.pollux.sys.RingFeatures.Feature;
import java.util.Set;

/// How a ring is to be.
///
/// @param submissions places for submissions, a power of two
/// @param completions places for completions, a power of two; the kernel keeps what does not fit
/// @param receiveBuffers how many buffers the kernel may receive into, a power of two up to 32,768
/// @param receiveBufferBytes the size of each
/// @param allowed the features that may be used, if the kernel has them
public record RingSetup(
    int submissions,
    int completions,
    int receiveBuffers,
    int receiveBufferBytes,
    Set<Feature> allowed) {

  /// 512 submissions, 4,096 completions, 32 buffers of 32 KiB, all features.
  ///
  /// The buffers are few, because the kernel takes them in turn and a large pool is always cold;
  /// and each is larger than a message of 16 KiB with its header, because a receive ends where a
  /// buffer does.
  public static final RingSetup DEFAULT =
      new RingSetup(512, 4096, 32, 32 * 1024, RingFeatures.all());

  public RingSetup {
    requirePowerOfTwo("submissions", submissions, 32_768);
    requirePowerOfTwo("completions", completions, 65_536);
    requirePowerOfTwo("receiveBuffers", receiveBuffers, 32_768);
    if (receiveBufferBytes < 512 || receiveBufferBytes > 1 << 24) {
      throw new IllegalArgumentException(
          "receiveBufferBytes is " + receiveBufferBytes + "; it must be from 512 to 16 MiB");
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
