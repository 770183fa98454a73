package dev.pollux.sys;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A kernel that writes every call of another kernel into a ledger. It costs about two nanoseconds
/// a call and allocates nothing, so it is always there.
///
/// What others notice (`connect`, `send`, `sendmsg`, `write`, `writev`, `shutdown`, `close`) is
/// counted before it is made: whoever reads the ledger because such a call has reached him finds it
/// there. Its outcome and every other call are counted when they have returned.
///
/// It belongs to the owner of the kernel; the ledger may be read by any thread.
public final class CountingKernel implements Kernel {

  private final Kernel kernel;
  private final SyscallLedger ledger;

  /// Counts the calls of `kernel` in `ledger`, which no other thread may write.
  public CountingKernel(Kernel kernel, SyscallLedger ledger) {
    this.kernel = kernel;
    this.ledger = ledger;
  }

  /// The ledger that is written.
  public SyscallLedger ledger() {
    return ledger;
  }

  @Override
  public int socket(int domain, int type, int protocol) {
    int result = kernel.socket(domain, type, protocol);
    ledger.count(SystemCall.SOCKET, result);
    return result;
  }

  @Override
  public int bind(int fd, SockAddr address) {
    int result = kernel.bind(fd, address);
    ledger.count(SystemCall.BIND, result);
    return result;
  }

  @Override
  public int listen(int fd, int backlog) {
    int result = kernel.listen(fd, backlog);
    ledger.count(SystemCall.LISTEN, result);
    return result;
  }

  @Override
  public int accept4(int fd, @Nullable SockAddr peer, int flags) {
    int result = kernel.accept4(fd, peer, flags);
    ledger.count(SystemCall.ACCEPT4, result);
    return result;
  }

  @Override
  public int connect(int fd, SockAddr remote) {
    ledger.countBegin(SystemCall.CONNECT);
    int result = kernel.connect(fd, remote);
    ledger.countOutcome(SystemCall.CONNECT, result);
    return result;
  }

  @Override
  public int getsockname(int fd, SockAddr address) {
    int result = kernel.getsockname(fd, address);
    ledger.count(SystemCall.GETSOCKNAME, result);
    return result;
  }

  @Override
  public int getpeername(int fd, SockAddr address) {
    int result = kernel.getpeername(fd, address);
    ledger.count(SystemCall.GETPEERNAME, result);
    return result;
  }

  @Override
  public int recv(int fd, MemorySegment buffer, int flags) {
    int result = kernel.recv(fd, buffer, flags);
    ledger.countTransfer(SystemCall.RECV, result);
    return result;
  }

  @Override
  public int send(int fd, MemorySegment buffer, long offset, long length, int flags) {
    ledger.countBegin(SystemCall.SEND);
    int result = kernel.send(fd, buffer, offset, length, flags);
    ledger.countTransferred(SystemCall.SEND, result);
    return result;
  }

  @Override
  public int sendmsg(int fd, IoVector pieces, int flags) {
    ledger.countBegin(SystemCall.SENDMSG);
    int result = kernel.sendmsg(fd, pieces, flags);
    ledger.countTransferred(SystemCall.SENDMSG, result);
    return result;
  }

  @Override
  public int read(int fd, MemorySegment buffer) {
    int result = kernel.read(fd, buffer);
    ledger.countTransfer(SystemCall.READ, result);
    return result;
  }

  @Override
  public int write(int fd, MemorySegment buffer, long offset, long length) {
    ledger.countBegin(SystemCall.WRITE);
    int result = kernel.write(fd, buffer, offset, length);
    ledger.countTransferred(SystemCall.WRITE, result);
    return result;
  }

  @Override
  public int writev(int fd, IoVector pieces) {
    ledger.countBegin(SystemCall.WRITEV);
    int result = kernel.writev(fd, pieces);
    ledger.countTransferred(SystemCall.WRITEV, result);
    return result;
  }

  @Override
  public int shutdown(int fd, int how) {
    ledger.countBegin(SystemCall.SHUTDOWN);
    int result = kernel.shutdown(fd, how);
    ledger.countOutcome(SystemCall.SHUTDOWN, result);
    return result;
  }

  @Override
  public int close(int fd) {
    ledger.countBegin(SystemCall.CLOSE);
    int result = kernel.close(fd);
    ledger.countOutcome(SystemCall.CLOSE, result);
    return result;
  }

  @Override
  public int fcntl(int fd, int command, int argument) {
    int result = kernel.fcntl(fd, command, argument);
    ledger.count(SystemCall.FCNTL, result);
    return result;
  }

  @Override
  public int setsockopt(int fd, int level, int option, int value) {
    int result = kernel.setsockopt(fd, level, option, value);
    ledger.count(SystemCall.SETSOCKOPT, result);
    return result;
  }

  @Override
  public int setsockopt(int fd, int level, int option, MemorySegment value) {
    int result = kernel.setsockopt(fd, level, option, value);
    ledger.count(SystemCall.SETSOCKOPT, result);
    return result;
  }

  @Override
  public int getsockopt(int fd, int level, int option) {
    int result = kernel.getsockopt(fd, level, option);
    ledger.count(SystemCall.GETSOCKOPT, result);
    return result;
  }

  @Override
  public int getsockopt(int fd, int level, int option, MemorySegment value) {
    int result = kernel.getsockopt(fd, level, option, value);
    ledger.count(SystemCall.GETSOCKOPT, result);
    return result;
  }

  @Override
  public int select(
      int count,
      @Nullable FdSet read,
      @Nullable FdSet write,
      @Nullable FdSet except,
      long timeoutMicros) {
    int result = kernel.select(count, read, write, except, timeoutMicros);
    int sets = (read == null ? 0 : 1) + (write == null ? 0 : 1) + (except == null ? 0 : 1);
    ledger.countWait(SystemCall.SELECT, result, (long) sets * FdSet.bytes(count));
    return result;
  }

  @Override
  public int poll(PollFds fds, int count, int timeoutMillis) {
    int result = kernel.poll(fds, count, timeoutMillis);
    ledger.countWait(SystemCall.POLL, result, Math.max(count, 0) * PollFds.LAYOUT.byteSize());
    return result;
  }

  @Override
  public int epollCreate1(int flags) {
    int result = kernel.epollCreate1(flags);
    ledger.count(SystemCall.EPOLL_CREATE1, result);
    return result;
  }

  @Override
  public int epollCtl(int epfd, int operation, int fd, int events, long data) {
    int result = kernel.epollCtl(epfd, operation, fd, events, data);
    ledger.count(SystemCall.EPOLL_CTL, result);
    return result;
  }

  @Override
  public int epollWait(int epfd, EpollEvents events, int timeoutMillis) {
    int result = kernel.epollWait(epfd, events, timeoutMillis);
    ledger.count(SystemCall.EPOLL_WAIT, result);
    return result;
  }

  @Override
  public int eventfd(int initialValue, int flags) {
    int result = kernel.eventfd(initialValue, flags);
    ledger.count(SystemCall.EVENTFD, result);
    return result;
  }

  @Override
  public int pipe2(int[] ends, int flags) {
    int result = kernel.pipe2(ends, flags);
    ledger.count(SystemCall.PIPE2, result);
    return result;
  }

  @Override
  public int getrlimit(int resource, long[] limits) {
    int result = kernel.getrlimit(resource, limits);
    ledger.count(SystemCall.GETRLIMIT, result);
    return result;
  }
}
