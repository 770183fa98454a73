package dev.pollux.net.internal.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class BufferViewsTest {
  private final BufferViews views = new BufferViews();

  @Test
  void theSameSegmentHasTheSameView() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(100);
      ByteBuffer view = views.of(segment, 10, 20);
      assertEquals(10, view.remaining());
      assertSame(view, views.of(segment, 0, 100));
      assertEquals(100, view.remaining());
    }
  }

  @Test
  void aSegmentThatBeginsWhereAShorterOneDidIsAnotherOne() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(100);
      views.of(segment.asSlice(0, 10), 0, 10);
      assertEquals(100, views.of(segment, 0, 100).remaining());
    }
  }

  @Test
  void theMemoryOfAClosedArenaIsNotTakenForThatOfTheNext() {
    long address;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(1 << 12);
      address = segment.address();
      views.of(segment, 0, 1).put(0, (byte) 1);
    }
    // malloc gives the same place again, most of the time.
    for (int i = 0; i < 50; i++) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment segment = arena.allocate(1 << 12);
        if (segment.address() == address) {
          views.of(segment, 0, 1).put(0, (byte) 2);
          assertEquals(2, segment.get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0));
        }
      }
    }
  }
}
