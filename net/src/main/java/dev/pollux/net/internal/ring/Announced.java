package dev.pollux.net.internal.ring;

import dev.pollux.net.internal.PeerAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Addresses of peers whose files are on their way from the ring that accepted them to another: the
/// message from ring to ring has room for a number, under which the address lies here. Any thread.
final class Announced {
  /// The number of nobody's.
  static final int NONE = 0;

  /// Of the whole process: a number is taken once.
  private static final AtomicInteger LAST = new AtomicInteger();

  private static final Map<Integer, PeerAddress> ADDRESSES = new ConcurrentHashMap<>();

  private Announced() {}

  /// A number for the address, [#NONE] if that is not known.
  static int put(@Nullable PeerAddress address) {
    if (address == null) {
      return NONE;
    }
    int number = LAST.incrementAndGet();
    while (number == NONE) {
      number = LAST.incrementAndGet();
    }
    ADDRESSES.put(number, address);
    return number;
  }

  /// What lies under a number, which is free then.
  static @Nullable PeerAddress take(int number) {
    return number == NONE ? null : ADDRESSES.remove(number);
  }
}
