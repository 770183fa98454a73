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
///
/// Where the kernel can, a receive takes only what it fills of a buffer, and the next one goes on
/// behind it: so a buffer is given back when the kernel has said that it takes no more of it, and
/// all that it has put there has been read. Then there are two large ones, one to be filled while
/// the other is read; else a thousand small messages at once would need a thousand buffers.
final class RingBuffers {
  /// The only group of a ring.
  static final short GROUP = 0;

  private static final VarHandle SHORT = JAVA_SHORT.varHandle();
  private static final long ENTRY = IoUring.BUF.byteSize();
  private static final long TAIL = IoUring.BUF.byteOffset(PathElement.groupElement("resv"));
  private static final long FLAGS = IoUring.BUF_REG.byteOffset(PathElement.groupElement("flags"));

  private static final int LARGE_BUFFERS = 2;

  private final MemorySegment errno;
  private final int ringFd;
  private final MemorySegment memory;
  private final MemorySegment entries;
  private final int bufferBytes;
  private final int mask;
  private final boolean incremental;
  private short tail;

  /// Of each buffer, the bytes that completions have told of.
  private final int[] filled;

  /// Of each buffer, the completions that are not given back yet.
  private final int[] unread;

  /// Of each buffer, whether the kernel is through with it.
  private final boolean[] used;

  RingBuffers(MemorySegment errno, int fd, Arena arena, RingSetup setup) throws IOException {
    this.errno = errno;
    this.ringFd = fd;
    int small = setup.receiveBuffers();
    int total = small * setup.receiveBufferBytes();
    memory = mapped(total, arena);
    entries = mapped(small * ENTRY, arena);
    MemorySegment registration = arena.allocate(IoUring.BUF_REG);
    int large = Math.min(LARGE_BUFFERS, small);
    incremental =
        setup.allowed().contains(RingFeatures.Feature.INCREMENTAL_BUFFERS)
            && register(registration, large, IoUring.IOU_PBUF_RING_INC) >= 0;
    if (!incremental) {
      int result = register(registration, small, 0);
      if (result < 0) {
        throw new IOException(
            "io_uring_register, PBUF_RING: "
                + Errno.describe(result)
                + ": the io_uring of this kernel has no ring of receive buffers (Linux 5.19 has"
                + " it).");
      }
    }
    int count = incremental ? large : small;
    bufferBytes = total / count;
    mask = count - 1;
    filled = new int[count];
    unread = new int[count];
    used = new boolean[count];
    for (int i = 0; i < count; i++) {
      add(i);
    }
  }

  /// The kernel wants the ring of buffers to begin with a page, of whatever size it has: 4 KiB, 16
  /// or 64.
  private static MemorySegment mapped(long bytes, Arena arena) throws IOException {
    MemorySegment mapped = MappedMemory.map(bytes, arena);
    if (mapped == null) {
      throw new IOException("mmap of " + bytes + " bytes for receive buffers was refused");
    }
    return mapped;
  }

  /// 0 or more, or `-errno`: `EINVAL` for flags that the kernel does not know.
  private int register(MemorySegment registration, int count, int flags) {
    registration.set(JAVA_LONG, 0, entries.address());
    registration.set(JAVA_INT, 8, count);
    registration.set(JAVA_SHORT, 12, GROUP);
    registration.set(JAVA_SHORT, FLAGS, (short) flags);
    return RingLibrary.register(errno, ringFd, IoUring.IORING_REGISTER_PBUF_RING, registration, 1);
  }

  MemorySegment memory() {
    return memory;
  }

  /// Whether a receive takes only as much of a buffer as it fills.
  boolean incremental() {
    return incremental;
  }

  /// A completion with these flags and this result has come: where the bytes begin that it brought,
  /// or -1 if it has no buffer.
  int received(int flags, int result) {
    if ((flags & IoUring.IORING_CQE_F_BUFFER) == 0) {
      return -1;
    }
    int id = flags >>> IoUring.IORING_CQE_BUFFER_SHIFT;
    int offset = id * bufferBytes + filled[id];
    filled[id] += Math.max(0, result);
    unread[id]++;
    used[id] = (flags & IoUring.IORING_CQE_F_BUF_MORE) == 0;
    return offset;
  }

  void giveBack(int offset) {
    int id = offset / bufferBytes;
    unread[id]--;
    if (used[id] && unread[id] == 0) {
      used[id] = false;
      filled[id] = 0;
      add(id);
    }
  }

  private void add(int id) {
    long entry = (tail & mask) * ENTRY;
    entries.set(JAVA_LONG, entry, memory.address() + (long) id * bufferBytes);
    entries.set(JAVA_INT, entry + 8, bufferBytes);
    entries.set(JAVA_SHORT, entry + 12, (short) id);
    tail++;
    // The kernel may take it from now on.
    SHORT.setRelease(entries, TAIL, tail);
  }
}
