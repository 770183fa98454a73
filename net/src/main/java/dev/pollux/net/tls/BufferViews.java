package dev.pollux.net.tls;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// `ByteBuffer` views of the segments that a thread works with, because `SSLEngine` knows nothing
/// else. The segments of a loop are always the same few, so nothing is allocated for a record.
///
/// Each thread has its own. A view that has lost its place is only made anew.
final class BufferViews {
  private static final int PLACES = 16;

  // A view per thread is the point, and there is one class of them.
  @SuppressWarnings("ThreadLocalUsage")
  private static final ThreadLocal<BufferViews> OWN = ThreadLocal.withInitial(BufferViews::new);

  private final @Nullable MemorySegment[] segments = new MemorySegment[PLACES];
  private final @Nullable ByteBuffer[] views = new ByteBuffer[PLACES];

  private BufferViews() {}

  /// The calling thread's.
  static BufferViews own() {
    return OWN.get();
  }

  /// A view of the bytes of `segment` from `from` to `to`, until the next call for that segment.
  ByteBuffer of(MemorySegment segment, int from, int to) {
    // Slices of a slab differ in the bits from 512 bytes on.
    int place = (int) ((segment.address() * 0x9E37_79B9_7F4A_7C15L) >>> 60);
    ByteBuffer view = views[place];
    if (view == null || !isSame(segments[place], segment)) {
      view = segment.asByteBuffer();
      segments[place] = segment;
      views[place] = view;
    }
    return view.limit(to).position(from);
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
