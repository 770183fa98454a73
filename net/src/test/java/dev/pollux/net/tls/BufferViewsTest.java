package dev.pollux.net.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/// Views of memory that is lent, given back, and lent again in another size.
final class BufferViewsTest {

  @Test
  void theSameMemoryHasTheSameView() {
    MemorySegment memory = Arena.ofAuto().allocate(4096);
    ByteBuffer view = BufferViews.own().of(memory, 0, 10);
    assertSame(view, BufferViews.own().of(memory, 5, 4096));
    assertEquals(5, view.position());
    assertEquals(4096, view.limit());
  }

  @Test
  void aSliceAtTheSameAddressHasAViewOfItsOwnLength() {
    MemorySegment memory = Arena.ofAuto().allocate(4096);
    assertEquals(100, BufferViews.own().of(memory.asSlice(0, 100), 0, 100).capacity());
    assertEquals(4096, BufferViews.own().of(memory, 0, 4096).capacity());
  }

  @Test
  void memoryThatWasFreedAndAllocatedAgainIsSeenAnew() {
    // The allocator gives a freed block again soon, most likely at once.
    for (int i = 0; i < 100; i++) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment memory = arena.allocate(128 * 1024);
        BufferViews.own().of(memory, 0, 8).put(0, (byte) i);
        assertEquals((byte) i, memory.get(ValueLayout.JAVA_BYTE, 0));
      }
    }
  }
}
