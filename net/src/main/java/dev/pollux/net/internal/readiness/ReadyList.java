package dev.pollux.net.internal.readiness;

import java.util.Arrays;

/// What a scan found ready, kept apart from what was scanned: a callback may add and remove
/// descriptors.
public final class ReadyList {
  private long[] keys = new long[64];
  private byte[] readiness = new byte[64];
  private int count;

  public void add(long key, int ready) {
    if (count == keys.length) {
      keys = Arrays.copyOf(keys, count * 2);
      readiness = Arrays.copyOf(readiness, count * 2);
    }
    keys[count] = key;
    readiness[count++] = (byte) ready;
  }

  /// Tells `sink` of all of them, and forgets them.
  public int deliver(Poller.ReadySink sink) {
    int delivered = count;
    for (int i = 0; i < delivered; i++) {
      sink.onReady(keys[i], readiness[i]);
    }
    count = 0;
    return delivered;
  }
}
