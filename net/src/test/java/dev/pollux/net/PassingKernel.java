package dev.pollux.net;

import dev.pollux.sys.EpollEvents;
import dev.pollux.sys.FdSet;
import dev.pollux.sys.IoVector;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.PollFds;
import dev.pollux.sys.SockAddr;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Passes every call on to another kernel: what misbehaves overrides what it does differently.
public class PassingKernel implements Kernel {
  private final Kernel kernel;

  public PassingKernel(Kernel kernel) {
    this.kernel = kernel;
  }

  /// The other kernel.
  protected final Kernel kernel() {
    return kernel;
  }

  @Override
  public int socket(int domain, int type, int protocol) {
    return kernel.socket(domain, type, protocol);
  }

  @Override
  public int bind(int fd, SockAddr address) {
    return kernel.bind(fd, address);
  }

  @Override
  public int listen(int fd, int backlog) {
    return kernel.listen(fd, backlog);
  }

  @Override
  public int accept4(int fd, @Nullable SockAddr peer, int flags) {
    return kernel.accept4(fd, peer, flags);
  }

  @Override
  public int connect(int fd, SockAddr remote) {
    return kernel.connect(fd, remote);
  }

  @Override
  public int getsockname(int fd, SockAddr address) {
    return kernel.getsockname(fd, address);
  }

  @Override
  public int getpeername(int fd, SockAddr address) {
    return kernel.getpeername(fd, address);
  }

  @Override
  public int recv(int fd, MemorySegment buffer, int flags) {
    return kernel.recv(fd, buffer, flags);
  }

  @Override
  public int send(int fd, MemorySegment buffer, long offset, long length, int flags) {
    return kernel.send(fd, buffer, offset, length, flags);
  }

  @Override
  public int sendmsg(int fd, IoVector pieces, int flags) {
    return kernel.sendmsg(fd, pieces, flags);
  }

  @Override
  public int read(int fd, MemorySegment buffer) {
    return kernel.read(fd, buffer);
  }

  @Override
  public int write(int fd, MemorySegment buffer, long offset, long length) {
    return kernel.write(fd, buffer, offset, length);
  }

  @Override
  public int writev(int fd, IoVector pieces) {
    return kernel.writev(fd, pieces);
  }

  @Override
  public int shutdown(int fd, int how) {
    return kernel.shutdown(fd, how);
  }

  @Override
  public int close(int fd) {
    return kernel.close(fd);
  }

  @Override
  public int fcntl(int fd, int command, int argument) {
    return kernel.fcntl(fd, command, argument);
  }

  @Override
  public int setsockopt(int fd, int level, int option, int value) {
    return kernel.setsockopt(fd, level, option, value);
  }

  @Override
  public int setsockopt(int fd, int level, int option, MemorySegment value) {
    return kernel.setsockopt(fd, level, option, value);
  }

  @Override
  public int getsockopt(int fd, int level, int option) {
    return kernel.getsockopt(fd, level, option);
  }

  @Override
  public int getsockopt(int fd, int level, int option, MemorySegment value) {
    return kernel.getsockopt(fd, level, option, value);
  }

  @Override
  public int select(
      int count,
      @Nullable FdSet read,
      @Nullable FdSet write,
      @Nullable FdSet except,
      long timeoutMicros) {
    return kernel.select(count, read, write, except, timeoutMicros);
  }

  @Override
  public int poll(PollFds fds, int count, int timeoutMillis) {
    return kernel.poll(fds, count, timeoutMillis);
  }

  @Override
  public int epollCreate1(int flags) {
    return kernel.epollCreate1(flags);
  }

  @Override
  public int epollCtl(int epfd, int operation, int fd, int events, long data) {
    return kernel.epollCtl(epfd, operation, fd, events, data);
  }

  @Override
  public int epollWait(int epfd, EpollEvents events, int timeoutMillis) {
    return kernel.epollWait(epfd, events, timeoutMillis);
  }

  @Override
  public int eventfd(int initialValue, int flags) {
    return kernel.eventfd(initialValue, flags);
  }

  @Override
  public int pipe2(int[] ends, int flags) {
    return kernel.pipe2(ends, flags);
  }

  @Override
  public int getrlimit(int resource, long[] limits) {
    return kernel.getrlimit(resource, limits);
  }
}
