package dev.pollux.sys;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The system calls that Pollux makes, under the names of section 2 of the Linux man pages.
///
/// Every call returns what the kernel returned, or `-errno` (the convention of the kernel itself
/// and of io_uring): a result below zero is an error whose name [Errno#describe(int)] tells. No
/// call throws for a condition that the kernel reports; a buffer that is too small for the range
/// asked for is a programming error and throws [IndexOutOfBoundsException] before the kernel is
/// entered.
///
/// An instance belongs to one owner (an event loop, a connection's thread), because it holds the
/// memory into which errno is captured; it is never used by two threads at once. A buffer handed to
/// a call stays the caller's. It must be native memory, and writable where the kernel writes.
///
/// It is an interface so that a counting, a tracing, a fault-injecting or a simulated kernel can
/// stand in.
public interface Kernel {

  /// socket(2): a new descriptor.
  int socket(int domain, int type, int protocol);

  /// bind(2).
  int bind(int fd, SockAddr address);

  /// listen(2).
  int listen(int fd, int backlog);

  /// accept4(2): the accepted descriptor. `peer`, where given, receives the peer's address.
  int accept4(int fd, @Nullable SockAddr peer, int flags);

  /// connect(2): 0, or `-EINPROGRESS` on a non-blocking descriptor.
  int connect(int fd, SockAddr remote);

  /// getsockname(2): `address` receives the descriptor's own address.
  int getsockname(int fd, SockAddr address);

  /// getpeername(2): `address` receives the peer's address.
  int getpeername(int fd, SockAddr address);

  /// recv(2) into `buffer` from its first byte, at most its size: bytes received, 0 at the end of
  /// input.
  int recv(int fd, MemorySegment buffer, int flags);

  /// send(2) of `length` bytes of `buffer` from `offset`: bytes taken by the kernel.
  int send(int fd, MemorySegment buffer, long offset, long length, int flags);

  /// sendmsg(2) of all the pieces of `pieces`, without address and control data: bytes taken by the
  /// kernel.
  int sendmsg(int fd, IoVector pieces, int flags);

  /// read(2) into `buffer` from its first byte, at most its size.
  int read(int fd, MemorySegment buffer);

  /// write(2) of `length` bytes of `buffer` from `offset`.
  int write(int fd, MemorySegment buffer, long offset, long length);

  /// writev(2) of all the pieces of `pieces`.
  int writev(int fd, IoVector pieces);

  /// shutdown(2).
  int shutdown(int fd, int how);

  /// close(2). On Linux the descriptor is gone whatever is returned; never repeat the call.
  int close(int fd);

  /// fcntl(2) with an int argument.
  int fcntl(int fd, int command, int argument);

  /// setsockopt(2) of an option whose value is an int.
  int setsockopt(int fd, int level, int option, int value);

  /// setsockopt(2) of an option whose value is a struct.
  int setsockopt(int fd, int level, int option, MemorySegment value);

  /// getsockopt(2) of an option whose value is an int that is never negative (`SO_ERROR`, buffer
  /// sizes, flags).
  int getsockopt(int fd, int level, int option);

  /// getsockopt(2) of an option whose value is a struct, into `value` from its first byte, at most
  /// its size: how many bytes of it the kernel has filled.
  int getsockopt(int fd, int level, int option, MemorySegment value);

  /// select(2) over the descriptors below `count`, at most the capacity of each set
  /// (`FdSet.FD_SETSIZE`); each set is rewritten in place. A negative timeout waits for ever.
  int select(
      int count,
      @Nullable FdSet read,
      @Nullable FdSet write,
      @Nullable FdSet except,
      long timeoutMicros);

  /// poll(2) over the first `count` entries; `revents` is rewritten in place. A negative timeout
  /// waits for ever.
  int poll(PollFds fds, int count, int timeoutMillis);

  /// epoll_create1(2): a new epoll descriptor.
  int epollCreate1(int flags);

  /// epoll_ctl(2). `data` comes back with each event. `events` and `data` are ignored by
  /// `EPOLL_CTL_DEL`.
  int epollCtl(int epfd, int operation, int fd, int events, long data);

  /// epoll_wait(2): at most `events.capacity()` ready descriptors. A negative timeout waits for
  /// ever.
  int epollWait(int epfd, EpollEvents events, int timeoutMillis);

  /// eventfd(2): a new descriptor of a counter.
  int eventfd(int initialValue, int flags);

  /// pipe2(2): `ends` receives the reading descriptor at index 0 and the writing one at index 1.
  int pipe2(int[] ends, int flags);

  /// getrlimit(2): `limits` receives the soft limit at index 0 and the hard one at index 1
  /// (`Rlimit.INFINITY`, which is -1 as a signed number, for none).
  int getrlimit(int resource, long[] limits);
}
