package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Objects;

/// The functions of the C library, with the error made part of the result: `-errno`.
///
/// Sizes and addresses pass through unchecked; [LinuxKernel] computes them. The class links the
/// functions when it is initialised, so only [Availability] may touch it first.
final class CLibrary {

  /// The memory into which errno is captured.
  static final StructLayout CAPTURED = Linker.Option.captureStateLayout();

  private static final long ERRNO = CAPTURED.byteOffset(PathElement.groupElement("errno"));

  // Never Linker.Option.critical: a call that waits would hold up the garbage collector.
  private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");

  private static final MethodHandle SOCKET =
      handle("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle BIND = handle("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle LISTEN = handle("listen", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle ACCEPT4 =
      handle("accept4", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle CONNECT =
      handle("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle GETSOCKNAME =
      handle("getsockname", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle GETPEERNAME =
      handle("getpeername", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle RECV = transfer("recvfrom");
  private static final MethodHandle SEND = transfer("sendto");
  private static final MethodHandle SENDMSG =
      handle("sendmsg", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle READ = handle("read", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle WRITE =
      handle("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle WRITEV =
      handle("writev", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SHUTDOWN = handle("shutdown", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle CLOSE = handle("close", JAVA_INT, JAVA_INT);
  // Two arguments are declared; the third one is variadic.
  private static final MethodHandle FCNTL =
      linked(
          "fcntl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
          CAPTURE,
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle SETSOCKOPT =
      handle("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle GETSOCKOPT =
      handle("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle SELECT =
      handle("select", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle POLL = handle("poll", JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle EPOLL_CREATE1 = handle("epoll_create1", JAVA_INT, JAVA_INT);
  private static final MethodHandle EPOLL_CTL =
      handle("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle EPOLL_WAIT =
      handle("epoll_wait", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle EVENTFD = handle("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle PIPE2 = handle("pipe2", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle GETRLIMIT = handle("getrlimit", JAVA_INT, JAVA_INT, ADDRESS);

  private CLibrary() {}

  /// Links the functions, if that has not been done.
  ///
  /// @throws ExceptionInInitializerError with the cause for which they cannot be linked
  static void link() {}

  static int socket(MemorySegment errno, int domain, int type, int protocol) {
    try {
      return result((int) SOCKET.invokeExact(errno, domain, type, protocol), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int bind(MemorySegment errno, int fd, MemorySegment address, int length) {
    try {
      return result((int) BIND.invokeExact(errno, fd, address, length), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int listen(MemorySegment errno, int fd, int backlog) {
    try {
      return result((int) LISTEN.invokeExact(errno, fd, backlog), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int accept4(
      MemorySegment errno, int fd, MemorySegment address, MemorySegment length, int flags) {
    try {
      return result((int) ACCEPT4.invokeExact(errno, fd, address, length, flags), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int connect(MemorySegment errno, int fd, MemorySegment address, int length) {
    try {
      return result((int) CONNECT.invokeExact(errno, fd, address, length), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int getsockname(MemorySegment errno, int fd, MemorySegment address, MemorySegment length) {
    try {
      return result((int) GETSOCKNAME.invokeExact(errno, fd, address, length), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int getpeername(MemorySegment errno, int fd, MemorySegment address, MemorySegment length) {
    try {
      return result((int) GETPEERNAME.invokeExact(errno, fd, address, length), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int recv(MemorySegment errno, int fd, MemorySegment buffer, long length, int flags) {
    try {
      return result((long) RECV.invokeExact(errno, fd, buffer, length, flags), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int send(MemorySegment errno, int fd, MemorySegment buffer, long length, int flags) {
    try {
      return result((long) SEND.invokeExact(errno, fd, buffer, length, flags), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int sendmsg(MemorySegment errno, int fd, MemorySegment message, int flags) {
    try {
      return result((long) SENDMSG.invokeExact(errno, fd, message, flags), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int read(MemorySegment errno, int fd, MemorySegment buffer, long length) {
    try {
      return result((long) READ.invokeExact(errno, fd, buffer, length), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int write(MemorySegment errno, int fd, MemorySegment buffer, long length) {
    try {
      return result((long) WRITE.invokeExact(errno, fd, buffer, length), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int writev(MemorySegment errno, int fd, MemorySegment pieces, int count) {
    try {
      return result((long) WRITEV.invokeExact(errno, fd, pieces, count), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int shutdown(MemorySegment errno, int fd, int how) {
    try {
      return result((int) SHUTDOWN.invokeExact(errno, fd, how), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int close(MemorySegment errno, int fd) {
    try {
      return result((int) CLOSE.invokeExact(errno, fd), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int fcntl(MemorySegment errno, int fd, int command, int argument) {
    try {
      return result((int) FCNTL.invokeExact(errno, fd, command, argument), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int setsockopt(
      MemorySegment errno, int fd, int level, int option, MemorySegment value, int length) {
    try {
      return result((int) SETSOCKOPT.invokeExact(errno, fd, level, option, value, length), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int getsockopt(
      MemorySegment errno,
      int fd,
      int level,
      int option,
      MemorySegment value,
      MemorySegment length) {
    try {
      return result((int) GETSOCKOPT.invokeExact(errno, fd, level, option, value, length), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int select(
      MemorySegment errno,
      int count,
      MemorySegment read,
      MemorySegment write,
      MemorySegment except,
      MemorySegment timeout) {
    try {
      return result((int) SELECT.invokeExact(errno, count, read, write, except, timeout), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int poll(MemorySegment errno, MemorySegment fds, long count, int timeoutMillis) {
    try {
      return result((int) POLL.invokeExact(errno, fds, count, timeoutMillis), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int epollCreate1(MemorySegment errno, int flags) {
    try {
      return result((int) EPOLL_CREATE1.invokeExact(errno, flags), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int epollCtl(MemorySegment errno, int epfd, int operation, int fd, MemorySegment event) {
    try {
      return result((int) EPOLL_CTL.invokeExact(errno, epfd, operation, fd, event), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int epollWait(
      MemorySegment errno, int epfd, MemorySegment events, int capacity, int timeoutMillis) {
    try {
      return result(
          (int) EPOLL_WAIT.invokeExact(errno, epfd, events, capacity, timeoutMillis), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int eventfd(MemorySegment errno, int initialValue, int flags) {
    try {
      return result((int) EVENTFD.invokeExact(errno, initialValue, flags), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int pipe2(MemorySegment errno, MemorySegment ends, int flags) {
    try {
      return result((int) PIPE2.invokeExact(errno, ends, flags), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  static int getrlimit(MemorySegment errno, int resource, MemorySegment limits) {
    try {
      return result((int) GETRLIMIT.invokeExact(errno, resource, limits), errno);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  private static int result(int returned, MemorySegment errno) {
    return returned >= 0 ? returned : -errno.get(JAVA_INT, ERRNO);
  }

  static int result(long returned, MemorySegment errno) {
    // Linux moves at most 0x7ffff000 bytes in one call, read(2): an int always holds it.
    return returned >= 0 ? (int) returned : -errno.get(JAVA_INT, ERRNO);
  }

  /// What the linker throws for memory that is closed, on the heap, or another thread's.
  static RuntimeException rethrown(Throwable t) {
    if (t instanceof RuntimeException e) {
      return e;
    }
    throw t instanceof Error e ? e : new AssertionError(t);
  }

  /// `recv` or `send`, as the kernel's own call. The function of the C library is a cancellation
  /// point (pthreads(7)): it writes to the state of its thread twice, by instructions that lock the
  /// bus, which is 1 % of an echo of 64 bytes.
  ///
  /// @param call what the kernel calls it: it takes an address and its length as well
  private static MethodHandle transfer(String call) {
    // Where the number is not known, Availability has stopped us before.
    Integer number = SyscallNumbers.of(System.getProperty("os.arch", "")).get(call);
    MethodHandle all = syscall(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS);
    MethodHandle anybody =
        MethodHandles.insertArguments(all, 6, MemorySegment.NULL, MemorySegment.NULL);
    return MethodHandles.insertArguments(anybody, 1, (long) Objects.requireNonNull(number, call));
  }

  /// syscall(2): of a number, a `long`, and these arguments.
  static MethodHandle syscall(MemoryLayout... arguments) {
    // It declares its number only.
    return linked(
        "syscall",
        FunctionDescriptor.of(JAVA_LONG, JAVA_LONG).appendArgumentLayouts(arguments),
        CAPTURE,
        Linker.Option.firstVariadicArg(1));
  }

  private static MethodHandle handle(String name, MemoryLayout result, MemoryLayout... arguments) {
    return linked(name, FunctionDescriptor.of(result, arguments), CAPTURE);
  }

  // "restricted": a wrong signature corrupts memory. Those above are the ones of the man pages.
  @SuppressWarnings("restricted")
  static MethodHandle linked(String name, FunctionDescriptor signature, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    MemorySegment function = linker.defaultLookup().findOrThrow(name);
    return linker.downcallHandle(function, signature, options);
  }
}
