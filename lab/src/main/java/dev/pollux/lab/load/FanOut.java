package dev.pollux.lab.load;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/// What the publisher and the subscribers of a fan-out know of the messages that are under way.
///
/// A slot belongs to message `sequence` from [#published] until all have it or have missed it; the
/// publisher never has more messages under way than there are slots.
final class FanOut {
  /// How far a subscriber looks ahead for a message that came instead of the one expected.
  static final int LOOK_AHEAD = 1024;

  private static final int SLOTS = 1 << 17;

  private final AtomicLongArray publishedNanos = new AtomicLongArray(SLOTS);
  private final AtomicIntegerArray outstanding = new AtomicIntegerArray(SLOTS);
  private final int subscribers;
  private final Runnable onAllHaveIt;

  /// @param onAllHaveIt called by the thread of the last subscriber that a message came to
  FanOut(int subscribers, Runnable onAllHaveIt) {
    this.subscribers = subscribers;
    this.onAllHaveIt = onAllHaveIt;
  }

  /// Before the message is sent.
  void published(long sequence, long nanos) {
    int slot = (int) sequence & SLOTS - 1;
    outstanding.set(slot, subscribers);
    publishedNanos.setRelease(slot, nanos);
  }

  long publishedNanos(long sequence) {
    return publishedNanos.getAcquire((int) sequence & SLOTS - 1);
  }

  /// A subscriber has the message, or will never have it.
  void settled(long sequence) {
    if (outstanding.decrementAndGet((int) sequence & SLOTS - 1) == 0) {
      onAllHaveIt.run();
    }
  }
}
