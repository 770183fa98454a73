package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// The receive buffers of a ring, and the ring of their addresses from which the kernel takes one
/// when there is something to put into it.
///
/// They are taken in the order in which they were given back. The tail of that ring is in the last
/// member of its first entry.
final class RingBuffers {
  /// The only group of a ring.
  static final short GROUP = 0;

  private static final VarHandle SHORT = JAVA_SHORT.varHandle();
  private static final long ENTRY = IoUring.BUF.byteSize();
  private static final long TAIL = IoUring.BUF.byteOffset(PathElement.groupElement("resv"));
  private static final int PAGE_BYTES = 4096;

  private final MemorySegment memory;
  private final MemorySegment entries;
  private final int bufferBytes;
  private final int mask;
  private short tail;

  RingBuffers(MemorySegment errno, int fd, Arena arena, RingSetup setup) throws IOException {
    int count = setup.receiveBuffers();
    bufferBytes = setup.receiveBufferBytes();
    mask = count - 1;
    memory = arena.allocate((long) count * bufferBytes, PAGE_BYTES);
    entries = arena.allocate(Math.max(PAGE_BYTES, count * ENTRY), PAGE_BYTES);
    MemorySegment registration = arena.allocate(IoUring.BUF_REG);
    registration.set(JAVA_LONG, 0, entries.address());
    registration.set(JAVA_INT, 8, count);
    registration.set(JAVA_SHORT, 12, GROUP);
    int result =
        RingLibrary.register(errno, fd, IoUring.IORING_REGISTER_PBUF_RING, registration, 1);
    if (result < 0) {
      throw new IOException(
          "io_uring_register, PBUF_RING: "
              + Errno.describe(result)
              + ": the io_uring of this kernel has no ring of receive buffers (Linux 5.19 has"
              + " it).");
    }
    for (int i = 0; i < count; i++) {
      giveBack(i * bufferBytes);
    }
  }

  MemorySegment memory() {
    return memory;
  }

  int bufferBytes() {
    return bufferBytes;
  }

  int offset(int id) {
    return id * bufferBytes;
  }

  void giveBack(int offset) {
    long entry = (tail & mask) * ENTRY;
    entries.set(JAVA_LONG, entry, memory.address() + offset);
    entries.set(JAVA_INT, entry + 8, bufferBytes);
    entries.set(JAVA_SHORT, entry + 12, (short) (offset / bufferBytes));
    tail++;
    // The kernel may take it from now on.
    SHORT.setRelease(entries, TAIL, tail);
  }
}
