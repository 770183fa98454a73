package dev.pollux.net.internal.nio;

import dev.pollux.sys.EpollEvents;
import dev.pollux.sys.Errno;
import dev.pollux.sys.FdSet;
import dev.pollux.sys.IoVector;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.PollFds;
import dev.pollux.sys.SockAddr;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A kernel that has no call at all: each is `ENOSYS`. What stands in for the real one has those
/// that it needs.
public class RefusingKernel implements Kernel {
  private static final int NO_SUCH_CALL = -Errno.ENOSYS;

  @Override
  public int socket(int domain, int type, int protocol) {
    return NO_SUCH_CALL;
  }

  @Override
  public int bind(int fd, SockAddr address) {
    return NO_SUCH_CALL;
  }

  @Override
  public int listen(int fd, int backlog) {
    return NO_SUCH_CALL;
  }

  @Override
  public int accept4(int fd, @Nullable SockAddr peer, int flags) {
    return NO_SUCH_CALL;
  }

  @Override
  public int connect(int fd, SockAddr remote) {
    return NO_SUCH_CALL;
  }

  @Override
  public int getsockname(int fd, SockAddr address) {
    return NO_SUCH_CALL;
  }

  @Override
  public int getpeername(int fd, SockAddr address) {
    return NO_SUCH_CALL;
  }

  @Override
  public int recv(int fd, MemorySegment buffer, int flags) {
    return NO_SUCH_CALL;
  }

  @Override
  public int send(int fd, MemorySegment buffer, long offset, long length, int flags) {
    return NO_SUCH_CALL;
  }

  @Override
  public int sendmsg(int fd, IoVector pieces, int flags) {
    return NO_SUCH_CALL;
  }

  @Override
  public int read(int fd, MemorySegment buffer) {
    return NO_SUCH_CALL;
  }

  @Override
  public int write(int fd, MemorySegment buffer, long offset, long length) {
    return NO_SUCH_CALL;
  }

  @Override
  public int writev(int fd, IoVector pieces) {
    return NO_SUCH_CALL;
  }

  @Override
  public int shutdown(int fd, int how) {
    return NO_SUCH_CALL;
  }

  @Override
  public int close(int fd) {
    return NO_SUCH_CALL;
  }

  @Override
  public int fcntl(int fd, int command, int argument) {
    return NO_SUCH_CALL;
  }

  @Override
  public int setsockopt(int fd, int level, int option, int value) {
    return NO_SUCH_CALL;
  }

  @Override
  public int setsockopt(int fd, int level, int option, MemorySegment value) {
    return NO_SUCH_CALL;
  }

  @Override
  public int getsockopt(int fd, int level, int option) {
    return NO_SUCH_CALL;
  }

  @Override
  public int getsockopt(int fd, int level, int option, MemorySegment value) {
    return NO_SUCH_CALL;
  }

  @Override
  public int select(
      int count,
      @Nullable FdSet read,
      @Nullable FdSet write,
      @Nullable FdSet except,
      long timeoutMicros) {
    return NO_SUCH_CALL;
  }

  @Override
  public int poll(PollFds fds, int count, int timeoutMillis) {
    return NO_SUCH_CALL;
  }

  @Override
  public int epollCreate1(int flags) {
    return NO_SUCH_CALL;
  }

  @Override
  public int epollCtl(int epfd, int operation, int fd, int events, long data) {
    return NO_SUCH_CALL;
  }

  @Override
  public int epollWait(int epfd, EpollEvents events, int timeoutMillis) {
    return NO_SUCH_CALL;
  }

  @Override
  public int eventfd(int initialValue, int flags) {
    return NO_SUCH_CALL;
  }

  @Override
  public int pipe2(int[] ends, int flags) {
    return NO_SUCH_CALL;
  }

  @Override
  public int getrlimit(int resource, long[] limits) {
    return NO_SUCH_CALL;
  }
}
