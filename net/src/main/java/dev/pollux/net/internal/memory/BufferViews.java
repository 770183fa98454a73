package dev.pollux.net.internal.memory;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// `ByteBuffer` views of segments that are used again and again, for the parts of the JDK that know
/// nothing else (channels, `SSLEngine`): none is made per call. One thread.
public final class BufferViews {
  // A view per thread is the point; there is one class of them.
  @SuppressWarnings("ThreadLocalUsage")
  private static final ThreadLocal<BufferViews> OWN = ThreadLocal.withInitial(BufferViews::new);

  private static final int PLACES = 16;

  private final @Nullable MemorySegment[] segments = new MemorySegment[PLACES];
  private final @Nullable ByteBuffer[] views = new ByteBuffer[PLACES];

  /// The calling thread's.
  public static BufferViews own() {
    return OWN.get();
  }

  /// A view of the bytes of `segment` from `from` to `to`, until the next call for that segment. A
  /// view that has lost its place is made anew.
  public ByteBuffer of(MemorySegment segment, int from, int to) {
    // Fibonacci hashing: segments of a slab lie at even distances.
    int place = (int) ((segment.address() * 0x9E3779B97F4A7C15L) >>> 60);
    MemorySegment viewed = segments[place];
    ByteBuffer view = views[place];
    if (view == null || viewed == null || !isSame(viewed, segment)) {
      view = segment.asByteBuffer();
      segments[place] = segment;
      views[place] = view;
    }
    return view.limit(to).position(from);
  }

  /// Segments that begin at the same place are equal, whatever their length, and an arena may get
  /// the place of one that was closed.
  private static boolean isSame(MemorySegment one, MemorySegment other) {
    return one.equals(other)
        && one.byteSize() == other.byteSize()
        && one.scope().equals(other.scope());
  }
}
