package dev.pollux.net.internal;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Byte buffers over segments that are used again and again, so that none is made per call. One
/// thread.
final class BufferViews {
  private static final int PLACES = 64;

  private final @Nullable MemorySegment[] segments = new MemorySegment[PLACES];
  private final @Nullable ByteBuffer[] views = new ByteBuffer[PLACES];

  /// A view of the whole segment, whose position and limit are whatever they were.
  ByteBuffer of(MemorySegment segment) {
    // Fibonacci hashing: segments of a slab lie at even distances.
    int place = (int) ((segment.address() * 0x9E3779B97F4A7C15L) >>> 58);
    ByteBuffer view = views[place];
    if (view == null || !isSame(segments[place], segment)) {
      view = segment.asByteBuffer();
      segments[place] = segment;
      views[place] = view;
    }
    return view;
  }

  /// Equal segments begin at the same address, no more: memory may have been given back there and
  /// borrowed anew, and a slice may have another length.
  private static boolean isSame(@Nullable MemorySegment before, MemorySegment now) {
    return before != null
        && before.equals(now)
        && before.byteSize() == now.byteSize()
        && before.scope().isAlive();
  }
}
