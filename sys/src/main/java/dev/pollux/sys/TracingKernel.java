package dev.pollux.sys;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A kernel that writes a line for every call of another one, as strace(1) does: `epoll_wait(5,
/// [{EPOLLIN, fd=9}], 1024, -1) = 1`.
///
/// It belongs to the owner of the kernel. The line is made when the call has returned; it costs
/// microseconds, and allocates. Where nobody traces there is no such kernel.
public final class TracingKernel implements Kernel {
  private static final long MICROS_PER_SECOND = 1_000_000;

  private final Kernel kernel;
  private final TraceSink sink;
  private final CallText text = new CallText();

  /// Tells `sink` of the calls of `kernel`.
  public TracingKernel(Kernel kernel, TraceSink sink) {
    this.kernel = kernel;
    this.sink = sink;
  }

  private CallText begin(SystemCall call) {
    return text.begin(call.callName());
  }

  private int ended(String line, int result) {
    sink.line(line);
    return result;
  }

  @Override
  public int socket(int domain, int type, int protocol) {
    int result = kernel.socket(domain, type, protocol);
    if (!sink.wants(SystemCall.SOCKET)) {
      return result;
    }
    begin(SystemCall.SOCKET).word(ConstantNames.family(domain)).bits(BitNames.SOCKET_TYPE, type);
    return ended(text.word(ConstantNames.protocol(protocol)).end(result), result);
  }

  @Override
  public int bind(int fd, SockAddr address) {
    int result = kernel.bind(fd, address);
    return sink.wants(SystemCall.BIND)
        ? ended(begin(SystemCall.BIND).number(fd).address(address, true).end(result), result)
        : result;
  }

  @Override
  public int listen(int fd, int backlog) {
    int result = kernel.listen(fd, backlog);
    return sink.wants(SystemCall.LISTEN)
        ? ended(begin(SystemCall.LISTEN).number(fd).number(backlog).end(result), result)
        : result;
  }

  @Override
  public int accept4(int fd, @Nullable SockAddr peer, int flags) {
    int result = kernel.accept4(fd, peer, flags);
    if (!sink.wants(SystemCall.ACCEPT4)) {
      return result;
    }
    begin(SystemCall.ACCEPT4).number(fd);
    if (peer == null) {
      text.word("NULL");
    } else {
      text.address(peer, result >= 0);
    }
    return ended(text.bits(BitNames.SOCKET_TYPE, flags).end(result), result);
  }

  @Override
  public int connect(int fd, SockAddr remote) {
    int result = kernel.connect(fd, remote);
    return sink.wants(SystemCall.CONNECT)
        ? ended(begin(SystemCall.CONNECT).number(fd).address(remote, true).end(result), result)
        : result;
  }

  @Override
  public int getsockname(int fd, SockAddr address) {
    return named(SystemCall.GETSOCKNAME, fd, address, kernel.getsockname(fd, address));
  }

  @Override
  public int getpeername(int fd, SockAddr address) {
    return named(SystemCall.GETPEERNAME, fd, address, kernel.getpeername(fd, address));
  }

  private int named(SystemCall call, int fd, SockAddr address, int result) {
    return sink.wants(call)
        ? ended(begin(call).number(fd).address(address, result >= 0).end(result), result)
        : result;
  }

  @Override
  public int recv(int fd, MemorySegment buffer, int flags) {
    int result = kernel.recv(fd, buffer, flags);
    if (!sink.wants(SystemCall.RECV)) {
      return result;
    }
    begin(SystemCall.RECV).number(fd).received(buffer, result).number(buffer.byteSize());
    return ended(text.bits(BitNames.MESSAGE, flags).end(result), result);
  }

  @Override
  public int send(int fd, MemorySegment buffer, long offset, long length, int flags) {
    int result = kernel.send(fd, buffer, offset, length, flags);
    if (!sink.wants(SystemCall.SEND)) {
      return result;
    }
    begin(SystemCall.SEND).number(fd).quoted(buffer, offset, length).number(length);
    return ended(text.bits(BitNames.MESSAGE, flags).end(result), result);
  }

  @Override
  public int sendmsg(int fd, IoVector pieces, int flags) {
    int result = kernel.sendmsg(fd, pieces, flags);
    if (!sink.wants(SystemCall.SENDMSG)) {
      return result;
    }
    begin(SystemCall.SENDMSG).number(fd).message(pieces);
    return ended(text.bits(BitNames.MESSAGE, flags).end(result), result);
  }

  @Override
  public int read(int fd, MemorySegment buffer) {
    int result = kernel.read(fd, buffer);
    if (!sink.wants(SystemCall.READ)) {
      return result;
    }
    begin(SystemCall.READ).number(fd).received(buffer, result).number(buffer.byteSize());
    return ended(text.end(result), result);
  }

  @Override
  public int write(int fd, MemorySegment buffer, long offset, long length) {
    int result = kernel.write(fd, buffer, offset, length);
    if (!sink.wants(SystemCall.WRITE)) {
      return result;
    }
    begin(SystemCall.WRITE).number(fd).quoted(buffer, offset, length).number(length);
    return ended(text.end(result), result);
  }

  @Override
  public int writev(int fd, IoVector pieces) {
    int result = kernel.writev(fd, pieces);
    if (!sink.wants(SystemCall.WRITEV)) {
      return result;
    }
    begin(SystemCall.WRITEV).number(fd).pieces(pieces).number(pieces.count());
    return ended(text.end(result), result);
  }

  @Override
  public int shutdown(int fd, int how) {
    int result = kernel.shutdown(fd, how);
    if (!sink.wants(SystemCall.SHUTDOWN)) {
      return result;
    }
    begin(SystemCall.SHUTDOWN).number(fd).word(ConstantNames.shutdown(how));
    return ended(text.end(result), result);
  }

  @Override
  public int close(int fd) {
    int result = kernel.close(fd);
    return sink.wants(SystemCall.CLOSE)
        ? ended(begin(SystemCall.CLOSE).number(fd).end(result), result)
        : result;
  }

  @Override
  public int fcntl(int fd, int command, int argument) {
    int result = kernel.fcntl(fd, command, argument);
    if (!sink.wants(SystemCall.FCNTL)) {
      return result;
    }
    begin(SystemCall.FCNTL).number(fd).word(ConstantNames.fcntl(command));
    String line =
        switch (command) {
          case Fcntl.F_GETFD -> text.endFlags(result, BitNames.DESCRIPTOR);
          case Fcntl.F_GETFL -> text.endFlags(result, BitNames.FILE);
          case Fcntl.F_SETFD -> text.bits(BitNames.DESCRIPTOR, argument).end(result);
          case Fcntl.F_SETFL -> text.bits(BitNames.FILE, argument).end(result);
          default -> text.number(argument).end(result);
        };
    return ended(line, result);
  }

  @Override
  public int setsockopt(int fd, int level, int option, int value) {
    int result = kernel.setsockopt(fd, level, option, value);
    if (!sink.wants(SystemCall.SETSOCKOPT)) {
      return result;
    }
    option(SystemCall.SETSOCKOPT, fd, level, option).word("[" + value + "]").number(Integer.BYTES);
    return ended(text.end(result), result);
  }

  @Override
  public int setsockopt(int fd, int level, int option, MemorySegment value) {
    int result = kernel.setsockopt(fd, level, option, value);
    if (!sink.wants(SystemCall.SETSOCKOPT)) {
      return result;
    }
    option(SystemCall.SETSOCKOPT, fd, level, option).optionValue(level, option, value);
    return ended(text.end(result), result);
  }

  @Override
  public int getsockopt(int fd, int level, int option) {
    int result = kernel.getsockopt(fd, level, option);
    if (!sink.wants(SystemCall.GETSOCKOPT)) {
      return result;
    }
    option(SystemCall.GETSOCKOPT, fd, level, option);
    if (result < 0) {
      return ended(text.end(result), result);
    }
    // The value is our result; the kernel's own is 0.
    boolean isError = level == Socket.SOL_SOCKET && option == Socket.SO_ERROR && result != 0;
    text.word("[" + (isError ? Errno.name(result) : Integer.toString(result)) + "]").word("[4]");
    return ended(text.end(0), result);
  }

  @Override
  public int getsockopt(int fd, int level, int option, MemorySegment value) {
    int result = kernel.getsockopt(fd, level, option, value);
    if (!sink.wants(SystemCall.GETSOCKOPT)) {
      return result;
    }
    option(SystemCall.GETSOCKOPT, fd, level, option);
    if (result >= 0) {
      // The length is our result; the kernel's own is 0.
      text.word("{...}").word("[" + result + "]");
    }
    return ended(text.end(Math.min(0, result)), result);
  }

  private CallText option(SystemCall call, int fd, int level, int option) {
    return begin(call)
        .number(fd)
        .word(ConstantNames.protocol(level))
        .word(ConstantNames.option(level, option));
  }

  @Override
  public int select(
      int count,
      @Nullable FdSet read,
      @Nullable FdSet write,
      @Nullable FdSet except,
      long timeoutMicros) {
    if (!sink.wants(SystemCall.SELECT)) {
      return kernel.select(count, read, write, except, timeoutMicros);
    }
    // Before the call, which writes its answer over the question.
    begin(SystemCall.SELECT).number(count).bits(read, count).bits(write, count);
    text.bits(except, count)
        .word(
            timeoutMicros < 0
                ? "NULL"
                : "{tv_sec="
                    + timeoutMicros / MICROS_PER_SECOND
                    + ", tv_usec="
                    + timeoutMicros % MICROS_PER_SECOND
                    + "}");
    int result = kernel.select(count, read, write, except, timeoutMicros);
    return ended(text.endSelect(result, count, read, write, except), result);
  }

  @Override
  public int poll(PollFds fds, int count, int timeoutMillis) {
    int result = kernel.poll(fds, count, timeoutMillis);
    if (!sink.wants(SystemCall.POLL)) {
      return result;
    }
    begin(SystemCall.POLL).asked(fds, count).number(count).number(timeoutMillis);
    return ended(text.endPoll(result, fds, count), result);
  }

  @Override
  public int epollCreate1(int flags) {
    int result = kernel.epollCreate1(flags);
    if (!sink.wants(SystemCall.EPOLL_CREATE1)) {
      return result;
    }
    begin(SystemCall.EPOLL_CREATE1).bits(BitNames.EPOLL_CREATE, flags);
    return ended(text.end(result), result);
  }

  @Override
  public int epollCtl(int epfd, int operation, int fd, int events, long data) {
    int result = kernel.epollCtl(epfd, operation, fd, events, data);
    if (!sink.wants(SystemCall.EPOLL_CTL)) {
      return result;
    }
    begin(SystemCall.EPOLL_CTL).number(epfd).word(ConstantNames.epollOperation(operation));
    text.number(fd);
    if (operation == Epoll.EPOLL_CTL_DEL) {
      text.word("NULL");
    } else {
      text.event(events, data);
    }
    return ended(text.end(result), result);
  }

  @Override
  public int epollWait(int epfd, EpollEvents events, int timeoutMillis) {
    int result = kernel.epollWait(epfd, events, timeoutMillis);
    if (!sink.wants(SystemCall.EPOLL_WAIT)) {
      return result;
    }
    begin(SystemCall.EPOLL_WAIT).number(epfd).events(events, result);
    return ended(text.number(events.capacity()).number(timeoutMillis).end(result), result);
  }

  @Override
  public int eventfd(int initialValue, int flags) {
    int result = kernel.eventfd(initialValue, flags);
    if (!sink.wants(SystemCall.EVENTFD)) {
      return result;
    }
    begin(SystemCall.EVENTFD).number(initialValue).bits(BitNames.EVENTFD, flags);
    return ended(text.end(result), result);
  }

  @Override
  public int pipe2(int[] ends, int flags) {
    int result = kernel.pipe2(ends, flags);
    if (!sink.wants(SystemCall.PIPE2)) {
      return result;
    }
    begin(SystemCall.PIPE2).word(result < 0 ? "[]" : "[" + ends[0] + ", " + ends[1] + "]");
    return ended(text.bits(BitNames.FILE, flags).end(result), result);
  }

  @Override
  public int getrlimit(int resource, long[] limits) {
    int result = kernel.getrlimit(resource, limits);
    if (!sink.wants(SystemCall.GETRLIMIT)) {
      return result;
    }
    begin(SystemCall.GETRLIMIT).word(ConstantNames.resource(resource));
    text.word(
        result < 0
            ? "{}"
            : "{rlim_cur=" + limit(limits[0]) + ", rlim_max=" + limit(limits[1]) + "}");
    return ended(text.end(result), result);
  }

  private static String limit(long value) {
    return value == Rlimit.INFINITY ? "RLIM_INFINITY" : Long.toUnsignedString(value);
  }
}
