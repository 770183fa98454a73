package dev.pollux.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/// The constants and the struct of epoll(7).
public final class Epoll {

  /// There is something to read, or the end of input.
  public static final int EPOLLIN = 1;

  /// There is urgent data (tcp(7)), or something else out of the ordinary.
  public static final int EPOLLPRI = 2;

  /// Writing would not wait.
  public static final int EPOLLOUT = 4;

  /// The descriptor has an error; always reported.
  public static final int EPOLLERR = 8;

  /// The connection is gone in both directions; always reported.
  public static final int EPOLLHUP = 0x10;

  /// The peer sends no more.
  public static final int EPOLLRDHUP = 0x2000;

  /// Of several epoll descriptors that watch one descriptor, wake only some.
  public static final int EPOLLEXCLUSIVE = 1 << 28;

  /// One event, then silence until `EPOLL_CTL_MOD`.
  public static final int EPOLLONESHOT = 1 << 30;

  /// An event when something happens (edge), not as long as it is so (level).
  public static final int EPOLLET = 1 << 31;

  /// Watch a descriptor.
  public static final int EPOLL_CTL_ADD = 1;

  /// Watch a descriptor no more.
  public static final int EPOLL_CTL_DEL = 2;

  /// Watch a descriptor for something else.
  public static final int EPOLL_CTL_MOD = 3;

  /// The epoll descriptor is closed by exec(2).
  public static final int EPOLL_CLOEXEC = 0x80000;

  /// `struct epoll_event` of this machine.
  public static final StructLayout EVENT = eventOf(System.getProperty("os.arch", ""));

  private Epoll() {}

  /// `struct epoll_event` of an architecture, under its name in the system property `os.arch`.
  static StructLayout eventOf(String architecture) {
    // Packed on x86-64 only: there the kernel keeps the layout that 32-bit programs know.
    return isX86(architecture)
        ? MemoryLayout.structLayout(
            JAVA_INT.withName("events"), JAVA_LONG_UNALIGNED.withName("data"))
        : MemoryLayout.structLayout(
            JAVA_INT.withName("events"), MemoryLayout.paddingLayout(4), JAVA_LONG.withName("data"));
  }

  private static boolean isX86(String architecture) {
    return architecture.equals("amd64") || architecture.equals("x86_64");
  }
}
