package dev.pollux.zlib;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.pollux.websocket.DeflateParameters;
import dev.pollux.websocket.DeflateStreams;
import dev.pollux.websocket.FrameParser;
import dev.pollux.websocket.MessageAssembler;
import dev.pollux.websocket.MessageBuffers;
import dev.pollux.websocket.MessageSink;
import dev.pollux.websocket.PerMessageDeflate;
import dev.pollux.websocket.WebSocketLimits;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;

/// What compression costs in memory: the figures of `docs/compression.md`, printed.
class FootprintTest {
  private static final int CALLS = 20_000;
  private static final DeflateParameters NONE = new DeflateParameters(true, true, 15, 15);

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /// Bytes that zlib has asked for through `zalloc`.
  private static long askedFor;

  @Test
  void aStreamTakesWhatTheDocumentationOfZlibSays() throws Exception {
    assumeTrue(Zlib.available(), Zlib.whyUnavailable());
    StringBuilder table = new StringBuilder("bytes of a stream, " + Zlib.compression().name());
    for (int windowBits : new int[] {15, 13, 11, 9}) {
      table.append(
          "%n  window %2d: decompressor %6d, compressor"
              .formatted(windowBits, inflate(windowBits)));
      for (int memLevel : new int[] {8, 6, 4, 1}) {
        long bytes = deflate(windowBits, memLevel);
        table.append(" memLevel %d %6d,".formatted(memLevel, bytes));
        // zlib.h: (1 << (windowBits+2)) + (1 << (memLevel+9)), "plus a few kilobytes".
        long expected = (1L << (windowBits + 2)) + (1L << (memLevel + 9));
        assertTrue(bytes >= expected && bytes < expected + (16 << 10), bytes + " bytes");
      }
    }
    System.out.println(table);
  }

  private static long deflate(int windowBits, int memLevel) throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment struct = counted(arena);
      assertEquals(0, ZlibLibrary.deflateInit2(struct, 3, -windowBits, memLevel));
      long bytes = askedFor + ZStream.LAYOUT.byteSize();
      ZlibLibrary.deflateEnd(struct);
      return bytes;
    }
  }

  private static long inflate(int windowBits) throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment struct = counted(arena);
      assertEquals(0, ZlibLibrary.inflateInit2(struct, -windowBits));
      // The window is allocated with the first output.
      struct.set(
          ADDRESS,
          ZStream.LAYOUT.byteOffset(PathElement.groupElement("next_in")),
          arena.allocateFrom(JAVA_BYTE, End.hex("f2 48 cd c9 c9 07 00 00 00 ff ff")));
      struct.set(JAVA_INT, ZStream.LAYOUT.byteOffset(PathElement.groupElement("avail_in")), 11);
      struct.set(
          ADDRESS,
          ZStream.LAYOUT.byteOffset(PathElement.groupElement("next_out")),
          arena.allocate(100));
      struct.set(JAVA_INT, ZStream.LAYOUT.byteOffset(PathElement.groupElement("avail_out")), 100);
      assertEquals(0, ZlibLibrary.inflate(struct, ZlibLibrary.Z_SYNC_FLUSH));
      long bytes = askedFor + ZStream.LAYOUT.byteSize();
      ZlibLibrary.inflateEnd(struct);
      assertTrue(bytes >= 1 << windowBits && bytes < (1 << windowBits) + (16 << 10), bytes + "");
      return bytes;
    }
  }

  // "restricted": zlib is given functions of Java, with the signatures of zlib.h's alloc_func and
  // free_func.
  @SuppressWarnings("restricted")
  private static MemorySegment counted(Arena arena) throws Exception {
    askedFor = 0;
    var lookup = MethodHandles.lookup();
    MethodHandle allocate =
        lookup.findStatic(
            FootprintTest.class,
            "allocate",
            MethodType.methodType(MemorySegment.class, MemorySegment.class, int.class, int.class));
    MethodHandle free =
        lookup.findStatic(
            FootprintTest.class,
            "free",
            MethodType.methodType(void.class, MemorySegment.class, MemorySegment.class));
    MemorySegment struct = arena.allocate(ZStream.LAYOUT);
    struct.set(
        ADDRESS,
        ZStream.LAYOUT.byteOffset(PathElement.groupElement("zalloc")),
        Linker.nativeLinker()
            .upcallStub(
                allocate, FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT, JAVA_INT), arena));
    struct.set(
        ADDRESS,
        ZStream.LAYOUT.byteOffset(PathElement.groupElement("zfree")),
        Linker.nativeLinker().upcallStub(free, FunctionDescriptor.ofVoid(ADDRESS, ADDRESS), arena));
    return struct;
  }

  @SuppressWarnings("unused") // zlib calls it
  private static MemorySegment allocate(MemorySegment opaque, int items, int size) {
    askedFor += (long) items * size;
    return ZlibLibrary.calloc((long) items * size);
  }

  @SuppressWarnings("unused") // zlib calls it
  private static void free(MemorySegment opaque, MemorySegment memory) {
    ZlibLibrary.free(memory);
  }

  /// Counts and keeps nothing.
  private static final class Counter implements MessageSink {
    long bytes;

    @Override
    public boolean onMessage(boolean text, MemorySegment buffer, int offset, int length) {
      bytes += length;
      return true;
    }

    @Override
    public boolean onPing(MemorySegment buffer, int offset, int length) {
      return true;
    }

    @Override
    public boolean onPong(MemorySegment buffer, int offset, int length) {
      return true;
    }

    @Override
    public boolean onClose(int code, String reason) {
      return true;
    }
  }

  /// Lends the same few buffers again and again.
  private static final class Few implements MessageBuffers {
    private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();

    Few() {
      for (int i = 0; i < 4; i++) {
        free.add(Arena.global().allocate(32 << 10));
      }
    }

    @Override
    public MemorySegment borrow(int minBytes) {
      if (minBytes > 32 << 10) {
        throw new AssertionError(minBytes + " bytes");
      }
      return free.removeLast();
    }

    @Override
    public void giveBack(MemorySegment buffer) {
      free.addLast(buffer);
    }
  }

  @Test
  void aCompressedMessageAllocatesNothingInTheHeap() throws Exception {
    assumeTrue(Zlib.available(), Zlib.whyUnavailable());
    String text = "{\"symbol\":\"ABC\",\"price\":12.5,\"time\":\"12:00:00\"},".repeat(10);
    MemorySegment payload = Arena.global().allocateFrom(text);
    MemorySegment wire = Arena.global().allocate(1024);
    Counter counter = new Counter();
    Few buffers = new Few();
    DeflateStreams streams = End.streams(Zlib.compression());
    FrameParser parser = new FrameParser(false, WebSocketLimits.DEFAULT);
    parser.allowRsv(PerMessageDeflate.RSV1);
    MessageAssembler assembler = new MessageAssembler(WebSocketLimits.DEFAULT, buffers, counter);
    PerMessageDeflate client = new PerMessageDeflate(streams, NONE, true, buffers, assembler);
    PerMessageDeflate server = new PerMessageDeflate(streams, NONE, false, buffers, assembler);
    // Interpreted, a segment's accessors allocate: what counts is the compiled code, whenever that
    // is.
    long allocated = Long.MAX_VALUE;
    for (int round = 0; round < 60 && allocated > CALLS / 10; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        MemorySegment deflated = server.deflate(payload, 0, text.length());
        if (deflated == null) {
          throw new AssertionError("not compressed");
        }
        int length = server.deflatedBytes();
        wire.set(JAVA_BYTE, 0, (byte) 0xC1);
        wire.set(JAVA_BYTE, 1, (byte) length);
        MemorySegment.copy(deflated, 0, wire, 2, length);
        buffers.giveBack(deflated);
        parser.parse(wire, 0, length + 2, client);
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertTrue(allocated <= CALLS / 10, allocated + " bytes in " + CALLS + " messages");
    assertEquals(0, counter.bytes % ((long) CALLS * text.length()));
    client.discard();
    server.discard();
    streams.close();
  }

  @Test
  void anIdleSessionWithoutTakeoverTakes48BytesMore() {
    DeflateStreams streams = End.streams(Zlib.compression());
    Few buffers = new Few();
    MessageAssembler assembler =
        new MessageAssembler(WebSocketLimits.DEFAULT, buffers, new Counter());
    Object[] kept = new Object[1000];
    long each = Long.MAX_VALUE;
    // The first time, classes are loaded too.
    for (int round = 0; round < 3; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < kept.length; i++) {
        kept[i] = new PerMessageDeflate(streams, NONE, false, buffers, assembler);
      }
      each = Math.min(each, (threads.getCurrentThreadAllocatedBytes() - before) / kept.length);
    }
    System.out.println("heap of an idle session's compression: " + each + " bytes");
    assertTrue(each <= 48, each + " bytes");
    streams.close();
  }
}
