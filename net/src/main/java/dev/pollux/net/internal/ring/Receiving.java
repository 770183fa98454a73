package dev.pollux.net.internal.ring;

import dev.pollux.sys.Ring;
import dev.pollux.sys.RingFeatures.Feature;
import dev.pollux.sys.RingOperations;

/// How a ring's loop receives: again and again by one submission where the ring can, and, where it
/// knows a limit for that, no more than it.
///
/// One wait may bring all that the socket has; a connection that has just been told to wait gets it
/// all the same, and it has to be kept for it. Without the limit that is the ring's whole pool.
public final class Receiving {
  private static final int MOST_BYTES = 128 * 1024;

  private final Ring ring;
  private final boolean multishot;

  /// Until it is asked for again; 0 for no limit.
  private final int mostBytes;

  /// In one completion; 0 for what the buffer has room for.
  private final int mostAtOnce;

  /// @param receiveBytes what one receive is to bring at most
  public Receiving(Ring ring, int receiveBytes) {
    this.ring = ring;
    this.multishot = ring.features().has(Feature.MULTISHOT_RECV);
    this.mostBytes = ring.features().has(Feature.LIMITED_RECV) ? MOST_BYTES : 0;
    // A ring's buffers may be larger.
    this.mostAtOnce = mostBytes > 0 ? receiveBytes : 0;
  }

  public void queue(int file, int flags, long tag) {
    RingOperations.receive(ring, file, flags, multishot, mostAtOnce, mostBytes, tag);
  }
}
