package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The kernel of this machine, called through its C library.
///
/// The memory into which errno is captured is the instance's own: a call costs no thread-local
/// lookup and allocates nothing. It comes from the arena given, so a confined arena confines the
/// instance to its thread, and the instance ends with the arena.
public final class LinuxKernel implements Kernel {

  private static final long EVENT_DATA = Epoll.EVENT.byteOffset(PathElement.groupElement("data"));
  private static final long MSG_IOV = Socket.MSGHDR.byteOffset(PathElement.groupElement("msg_iov"));
  private static final long MSG_IOVLEN =
      Socket.MSGHDR.byteOffset(PathElement.groupElement("msg_iovlen"));

  private static final long SCRATCH_BYTES = 16;
  private static final long LENGTH_BYTES = 8;
  private static final long MICROS_PER_SECOND = 1_000_000;

  private final MemorySegment errno;

  /// The struct, if any, that the current call needs beside the caller's buffers.
  private final MemorySegment scratch;

  /// A `socklen_t` that a call reads and writes.
  private final MemorySegment length;

  /// All zero but for the vector: no address, no control data.
  private final MemorySegment message;

  /// A kernel for one owner.
  ///
  /// @throws UnsupportedOperationException if there is none to call, with [#whyUnavailable()]
  public LinuxKernel(Arena arena) {
    String why = whyUnavailable();
    if (why != null) {
      throw new UnsupportedOperationException(why);
    }
    errno = arena.allocate(CLibrary.CAPTURED);
    MemorySegment own =
        arena.allocate(SCRATCH_BYTES + LENGTH_BYTES + Socket.MSGHDR.byteSize(), Long.BYTES);
    scratch = own.asSlice(0, SCRATCH_BYTES);
    length = own.asSlice(SCRATCH_BYTES, LENGTH_BYTES);
    message = own.asSlice(SCRATCH_BYTES + LENGTH_BYTES);
  }

  /// Whether this machine and this JVM let the kernel be called. Callable on any machine.
  public static boolean available() {
    return whyUnavailable() == null;
  }

  /// One sentence for a person who wonders why the kernel cannot be called, or null if it can.
  /// Callable on any machine.
  public static @Nullable String whyUnavailable() {
    return Availability.WHY_NOT;
  }

  @Override
  public int socket(int domain, int type, int protocol) {
    return CLibrary.socket(errno, domain, type, protocol);
  }

  @Override
  public int bind(int fd, SockAddr address) {
    return CLibrary.bind(errno, fd, address.segment(), address.length());
  }

  @Override
  public int listen(int fd, int backlog) {
    return CLibrary.listen(errno, fd, backlog);
  }

  @Override
  public int accept4(int fd, @Nullable SockAddr peer, int flags) {
    if (peer == null) {
      return CLibrary.accept4(errno, fd, MemorySegment.NULL, MemorySegment.NULL, flags);
    }
    length.set(JAVA_INT, 0, peer.capacity());
    int result = CLibrary.accept4(errno, fd, peer.segment(), length, flags);
    return withLength(result, peer);
  }

  @Override
  public int connect(int fd, SockAddr remote) {
    return CLibrary.connect(errno, fd, remote.segment(), remote.length());
  }

  @Override
  public int getsockname(int fd, SockAddr address) {
    length.set(JAVA_INT, 0, address.capacity());
    return withLength(CLibrary.getsockname(errno, fd, address.segment(), length), address);
  }

  @Override
  public int getpeername(int fd, SockAddr address) {
    length.set(JAVA_INT, 0, address.capacity());
    return withLength(CLibrary.getpeername(errno, fd, address.segment(), length), address);
  }

  @Override
  public int recv(int fd, MemorySegment buffer, int flags) {
    requireWritable(buffer);
    return CLibrary.recv(errno, fd, buffer, buffer.byteSize(), flags);
  }

  @Override
  public int send(int fd, MemorySegment buffer, long offset, long length, int flags) {
    return CLibrary.send(errno, fd, from(buffer, offset, length), length, flags);
  }

  @Override
  public int sendmsg(int fd, IoVector pieces, int flags) {
    pieces.requireAlive();
    message.set(ADDRESS, MSG_IOV, pieces.segment());
    message.set(JAVA_INT, MSG_IOVLEN, pieces.count());
    try {
      return CLibrary.sendmsg(errno, fd, message, flags);
    } finally {
      Reference.reachabilityFence(pieces);
    }
  }

  @Override
  public int read(int fd, MemorySegment buffer) {
    requireWritable(buffer);
    return CLibrary.read(errno, fd, buffer, buffer.byteSize());
  }

  @Override
  public int write(int fd, MemorySegment buffer, long offset, long length) {
    return CLibrary.write(errno, fd, from(buffer, offset, length), length);
  }

  @Override
  public int writev(int fd, IoVector pieces) {
    pieces.requireAlive();
    try {
      return CLibrary.writev(errno, fd, pieces.segment(), pieces.count());
    } finally {
      Reference.reachabilityFence(pieces);
    }
  }

  @Override
  public int shutdown(int fd, int how) {
    return CLibrary.shutdown(errno, fd, how);
  }

  @Override
  public int close(int fd) {
    return CLibrary.close(errno, fd);
  }

  @Override
  public int fcntl(int fd, int command, int argument) {
    return CLibrary.fcntl(errno, fd, command, argument);
  }

  @Override
  public int setsockopt(int fd, int level, int option, int value) {
    scratch.set(JAVA_INT, 0, value);
    return CLibrary.setsockopt(errno, fd, level, option, scratch, Integer.BYTES);
  }

  @Override
  public int setsockopt(int fd, int level, int option, MemorySegment value) {
    int bytes = Math.toIntExact(value.byteSize());
    return CLibrary.setsockopt(errno, fd, level, option, value, bytes);
  }

  @Override
  public int getsockopt(int fd, int level, int option) {
    // Some options are one byte long in some kernels: the others must then be zero.
    scratch.set(JAVA_INT, 0, 0);
    length.set(JAVA_INT, 0, Integer.BYTES);
    int result = CLibrary.getsockopt(errno, fd, level, option, scratch, length);
    return result < 0 ? result : scratch.get(JAVA_INT, 0);
  }

  @Override
  public int getsockopt(int fd, int level, int option, MemorySegment value) {
    length.set(JAVA_INT, 0, Math.toIntExact(value.byteSize()));
    int result = CLibrary.getsockopt(errno, fd, level, option, value, length);
    return result < 0 ? result : length.get(JAVA_INT, 0);
  }

  @Override
  public int select(
      int count,
      @Nullable FdSet read,
      @Nullable FdSet write,
      @Nullable FdSet except,
      long timeoutMicros) {
    requireInSet(count, read);
    requireInSet(count, write);
    requireInSet(count, except);
    MemorySegment timeout = MemorySegment.NULL;
    if (timeoutMicros >= 0) {
      timeout = scratch;
      scratch.set(JAVA_LONG, 0, timeoutMicros / MICROS_PER_SECOND);
      scratch.set(JAVA_LONG, 8, timeoutMicros % MICROS_PER_SECOND);
    }
    return CLibrary.select(errno, count, bits(read), bits(write), bits(except), timeout);
  }

  private static void requireInSet(int count, @Nullable FdSet set) {
    if (set != null) {
      set.requireInSet(count);
    }
  }

  @Override
  public int poll(PollFds fds, int count, int timeoutMillis) {
    Objects.checkFromIndexSize(0, count, fds.capacity());
    return CLibrary.poll(errno, fds.segment(), count, timeoutMillis);
  }

  @Override
  public int epollCreate1(int flags) {
    return CLibrary.epollCreate1(errno, flags);
  }

  @Override
  public int epollCtl(int epfd, int operation, int fd, int events, long data) {
    scratch.set(JAVA_INT, 0, events);
    scratch.set(JAVA_LONG_UNALIGNED, EVENT_DATA, data);
    return CLibrary.epollCtl(errno, epfd, operation, fd, scratch);
  }

  @Override
  public int epollWait(int epfd, EpollEvents events, int timeoutMillis) {
    return CLibrary.epollWait(errno, epfd, events.segment(), events.capacity(), timeoutMillis);
  }

  @Override
  public int eventfd(int initialValue, int flags) {
    return CLibrary.eventfd(errno, initialValue, flags);
  }

  @Override
  public int pipe2(int[] ends, int flags) {
    Objects.checkFromIndexSize(0, 2, ends.length);
    int result = CLibrary.pipe2(errno, scratch, flags);
    if (result >= 0) {
      ends[0] = scratch.get(JAVA_INT, 0);
      ends[1] = scratch.get(JAVA_INT, 4);
    }
    return result;
  }

  @Override
  public int getrlimit(int resource, long[] limits) {
    Objects.checkFromIndexSize(0, 2, limits.length);
    int result = CLibrary.getrlimit(errno, resource, scratch);
    if (result >= 0) {
      limits[0] = scratch.get(JAVA_LONG, 0);
      limits[1] = scratch.get(JAVA_LONG, 8);
    }
    return result;
  }

  private int withLength(int result, SockAddr address) {
    if (result >= 0) {
      address.length(length.get(JAVA_INT, 0));
    }
    return result;
  }

  private static MemorySegment bits(@Nullable FdSet set) {
    return set == null ? MemorySegment.NULL : set.segment();
  }

  /// What begins at `offset` and has at least `length` bytes. A slice is an object wherever the
  /// compiler does not see the call to its end, and what is sent begins nearly always at 0.
  private static MemorySegment from(MemorySegment buffer, long offset, long length) {
    Objects.checkFromIndexSize(offset, length, buffer.byteSize());
    return offset == 0 ? buffer : buffer.asSlice(offset, length);
  }

  private static void requireWritable(MemorySegment buffer) {
    // The linker does not look: the kernel would write into it all the same.
    if (buffer.isReadOnly()) {
      throw new IllegalArgumentException("the buffer is read-only");
    }
  }
}
