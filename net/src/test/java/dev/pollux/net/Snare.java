package dev.pollux.net;

import dev.pollux.sys.EpollEvents;
import dev.pollux.sys.FdSet;
import dev.pollux.sys.IoUring;
import dev.pollux.sys.IoVector;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.PassingRing;
import dev.pollux.sys.PollFds;
import dev.pollux.sys.Ring;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.SystemCall;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Laid around kernels and rings: the one call that it is set for throws instead of being made,
/// once. A close is made and throws then, so that no descriptor is lost by the test itself.
final class Snare {
  /// For any descriptor.
  static final int ANY = -1;

  private record Set(SystemCall call, int fd, Trouble trouble) {}

  private final AtomicReference<@Nullable Set> set = new AtomicReference<>();

  void set(SystemCall call, int fd, Trouble trouble) {
    set.set(new Set(call, fd, trouble));
  }

  boolean isSet() {
    return set.get() != null;
  }

  private void at(SystemCall call, int fd) {
    Set here = set.get();
    if (here != null
        && here.call == call
        && (here.fd == ANY || here.fd == fd)
        && set.compareAndSet(here, null)) {
      here.trouble.happen();
    }
  }

  Kernel around(Kernel kernel) {
    return new AroundKernel(kernel);
  }

  Ring around(Ring ring) {
    return new AroundRing(ring);
  }

  private final class AroundKernel extends PassingKernel {
    AroundKernel(Kernel kernel) {
      super(kernel);
    }

    @Override
    public int accept4(int fd, @Nullable SockAddr peer, int flags) {
      at(SystemCall.ACCEPT4, fd);
      return super.accept4(fd, peer, flags);
    }

    @Override
    public int connect(int fd, SockAddr remote) {
      at(SystemCall.CONNECT, fd);
      return super.connect(fd, remote);
    }

    @Override
    public int getpeername(int fd, SockAddr address) {
      at(SystemCall.GETPEERNAME, fd);
      return super.getpeername(fd, address);
    }

    @Override
    public int write(int fd, MemorySegment buffer, long offset, long length) {
      at(SystemCall.WRITE, fd);
      return super.write(fd, buffer, offset, length);
    }

    @Override
    public int recv(int fd, MemorySegment buffer, int flags) {
      at(SystemCall.RECV, fd);
      return super.recv(fd, buffer, flags);
    }

    @Override
    public int send(int fd, MemorySegment buffer, long offset, long length, int flags) {
      at(SystemCall.SEND, fd);
      return super.send(fd, buffer, offset, length, flags);
    }

    @Override
    public int sendmsg(int fd, IoVector pieces, int flags) {
      at(SystemCall.SENDMSG, fd);
      return super.sendmsg(fd, pieces, flags);
    }

    @Override
    public int read(int fd, MemorySegment buffer) {
      at(SystemCall.READ, fd);
      return super.read(fd, buffer);
    }

    @Override
    public int shutdown(int fd, int how) {
      at(SystemCall.SHUTDOWN, fd);
      return super.shutdown(fd, how);
    }

    @Override
    public int close(int fd) {
      int result = super.close(fd);
      at(SystemCall.CLOSE, fd);
      return result;
    }

    @Override
    public int setsockopt(int fd, int level, int option, int value) {
      at(SystemCall.SETSOCKOPT, fd);
      return super.setsockopt(fd, level, option, value);
    }

    @Override
    public int setsockopt(int fd, int level, int option, MemorySegment value) {
      at(SystemCall.SETSOCKOPT, fd);
      return super.setsockopt(fd, level, option, value);
    }

    @Override
    public int select(
        int count,
        @Nullable FdSet read,
        @Nullable FdSet write,
        @Nullable FdSet except,
        long timeoutMicros) {
      at(SystemCall.SELECT, ANY);
      return super.select(count, read, write, except, timeoutMicros);
    }

    @Override
    public int poll(PollFds fds, int count, int timeoutMillis) {
      at(SystemCall.POLL, ANY);
      return super.poll(fds, count, timeoutMillis);
    }

    @Override
    public int epollCtl(int epfd, int operation, int fd, int events, long data) {
      at(SystemCall.EPOLL_CTL, fd);
      return super.epollCtl(epfd, operation, fd, events, data);
    }

    @Override
    public int epollWait(int epfd, EpollEvents events, int timeoutMillis) {
      at(SystemCall.EPOLL_WAIT, ANY);
      return super.epollWait(epfd, events, timeoutMillis);
    }
  }

  private final class AroundRing extends PassingRing {
    AroundRing(Ring ring) {
      super(ring);
    }

    @Override
    public void queue(
        int opcode,
        int flags,
        int ioprio,
        int fd,
        long off,
        long addr,
        int len,
        int operationFlags,
        int bufferGroup,
        int fileIndex,
        long addr3,
        long tag) {
      at(SystemCall.ofOpcode(opcode), fd);
      // One client or receive each time, so that there is a next time.
      boolean again = opcode == IoUring.IORING_OP_ACCEPT || opcode == IoUring.IORING_OP_RECV;
      super.queue(
          opcode,
          flags,
          again ? 0 : ioprio,
          fd,
          off,
          addr,
          len,
          operationFlags,
          bufferGroup,
          opcode == IoUring.IORING_OP_RECV ? 0 : fileIndex,
          addr3,
          tag);
    }

    @Override
    public void queueSendmsg(int fd, int flags, IoVector pieces, int messageFlags, long tag) {
      at(SystemCall.IORING_OP_SENDMSG, fd);
      super.queueSendmsg(fd, flags, pieces, messageFlags, tag);
    }

    @Override
    public void queueConnect(int fd, int flags, SockAddr remote, long tag) {
      at(SystemCall.IORING_OP_CONNECT, fd);
      super.queueConnect(fd, flags, remote, tag);
    }

    @Override
    public int enter(int minComplete, long timeoutNanos) {
      at(SystemCall.IO_URING_ENTER, ANY);
      return super.enter(minComplete, timeoutNanos);
    }
  }
}
