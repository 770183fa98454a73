package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What the hot path and an idle connection cost in heap.
@Tag("allocation")
class AllocationTest {
  private static final int CALLS = 20_000;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /// Counts and keeps nothing.
  private static final class Counter implements MessageSink {
    long messages;

    @Override
    public boolean onMessage(boolean text, MemorySegment buffer, int offset, int length) {
      messages++;
      return true;
    }

    @Override
    public boolean onPing(MemorySegment buffer, int offset, int length) {
      messages++;
      return true;
    }

    @Override
    public boolean onPong(MemorySegment buffer, int offset, int length) {
      messages++;
      return true;
    }

    @Override
    public boolean onClose(int code, String reason) {
      throw new AssertionError("closed");
    }
  }

  @Test
  void smallWholeFramesAllocateNothing() throws Exception {
    byte[] input =
        Wire.client()
            .whole(Opcode.TEXT, "sixty-four bytes of text, some of them not ASCII: é 안녕 👋 ...")
            .whole(Opcode.BINARY, Wire.filled(64))
            .whole(Opcode.PING, "ping")
            .whole(Opcode.PONG, "")
            .bytes();
    MemorySegment wire = Arena.global().allocate(input.length);
    MemorySegment original = MemorySegment.ofArray(input);
    Counter counter = new Counter();
    FrameParser parser = new FrameParser(true, WebSocketLimits.DEFAULT);
    MessageAssembler assembler =
        new MessageAssembler(WebSocketLimits.DEFAULT, new LentBuffers(), counter);
    // Interpreted, a segment's accessors allocate: what counts is the compiled code, whenever that
    // is.
    long allocated = Long.MAX_VALUE;
    for (int round = 0; round < 200 && allocated > CALLS / 10; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        MemorySegment.copy(original, 0, wire, 0, input.length);
        parser.parse(wire, 0, input.length, assembler);
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertTrue(allocated <= CALLS / 10, allocated + " bytes in " + CALLS + " calls");
    assertEquals(0, counter.messages % (4L * CALLS));
    assertTrue(counter.messages > 0);
  }

  @Test
  void aFrameCutInTwoAllocatesNothingOfItsOwn() throws Exception {
    byte[] input = Wire.client().whole(Opcode.BINARY, Wire.filled(64)).bytes();
    MemorySegment wire = Arena.global().allocate(input.length);
    MemorySegment pooled = Arena.global().allocate(64);
    MessageBuffers buffers =
        new MessageBuffers() {
          @Override
          public MemorySegment borrow(int minBytes) {
            return pooled;
          }

          @Override
          public void giveBack(MemorySegment buffer) {}
        };
    Counter counter = new Counter();
    FrameParser parser = new FrameParser(true, WebSocketLimits.DEFAULT);
    MessageAssembler assembler = new MessageAssembler(WebSocketLimits.DEFAULT, buffers, counter);
    long allocated = Long.MAX_VALUE;
    for (int round = 0; round < 200 && allocated > CALLS / 10; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        MemorySegment.copy(input, 0, wire, ValueLayout.JAVA_BYTE, 0, input.length);
        parser.parse(wire, 0, 30, assembler);
        parser.parse(wire, 30, input.length - 30, assembler);
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertTrue(allocated <= CALLS / 10, allocated + " bytes in " + CALLS + " calls");
    assertEquals(0, counter.messages % CALLS);
  }

  @Test
  void anIdleConnectionTakesAtMost96Bytes() {
    LentBuffers buffers = new LentBuffers();
    Counter counter = new Counter();
    Object[] kept = new Object[2000];
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < kept.length; i += 2) {
      kept[i] = new FrameParser(true, WebSocketLimits.DEFAULT);
      kept[i + 1] = new MessageAssembler(WebSocketLimits.DEFAULT, buffers, counter);
    }
    long each = (threads.getCurrentThreadAllocatedBytes() - before) / (kept.length / 2);
    assertTrue(each <= 96, each + " bytes");
  }
}
