package dev.pollux.websocket;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Streams that nobody uses at the moment, in a few places. Any thread.
///
/// A thread looks first where it left its last one, so that a loop keeps using the same stream and
/// no two loops meet; there is no lock, and nothing is allocated. As many streams are kept as were
/// in use at the same time, and at most [#PLACES].
final class StreamPool<S extends AutoCloseable> {
  /// Twice the cores, a power of two.
  static final int PLACES =
      Math.max(4, Integer.highestOneBit(Runtime.getRuntime().availableProcessors()) * 2);

  private final AtomicReferenceArray<S> places = new AtomicReferenceArray<>(PLACES);
  private volatile boolean closed;

  @Nullable S take() {
    int first = firstPlace();
    for (int i = 0; i < PLACES; i++) {
      int place = first + i & PLACES - 1;
      // Looked at before it is written: a place that is empty stays in every core's cache.
      if (places.get(place) != null) {
        S stream = places.getAndSet(place, null);
        if (stream != null) {
          return stream;
        }
      }
    }
    return null;
  }

  /// Keeps a stream that is as new.
  ///
  /// @return false if there is no room: the stream is still the caller's
  boolean giveBack(S stream) {
    int first = firstPlace();
    for (int i = 0; i < PLACES && !closed; i++) {
      int place = first + i & PLACES - 1;
      if (places.compareAndSet(place, null, stream)) {
        // Unless the pool was closed in between, and nobody would look at it any more.
        return !closed || !places.compareAndSet(place, stream, null);
      }
    }
    return false;
  }

  /// From now on nothing is kept.
  ///
  /// @param each what was kept
  void close(Consumer<S> each) {
    closed = true;
    for (S stream = take(); stream != null; stream = take()) {
      each.accept(stream);
    }
  }

  private static int firstPlace() {
    return (int) Thread.currentThread().threadId();
  }
}
