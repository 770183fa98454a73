package dev.pollux.sys;

import java.util.Map;
import java.util.TreeMap;

/// The kernel's numbers of the system calls in which threads of a server are met, as
/// `/proc/PID/task/TID/syscall` tells them (proc_pid_syscall(5)), and what those calls are called.
///
/// The C library makes some calls by others: its `recv` is the kernel's `recvfrom`, its `select`
/// and `poll` are `pselect6` and `ppoll` on newer architectures. [#nameOf] says what a program
/// called. Pollux itself makes two of them by their numbers.
public final class SyscallNumbers {

  // asm/unistd_64.h
  private static final Map<String, Integer> X86_64 =
      Map.ofEntries(
          Map.entry("read", 0),
          Map.entry("write", 1),
          Map.entry("poll", 7),
          Map.entry("readv", 19),
          Map.entry("writev", 20),
          Map.entry("select", 23),
          Map.entry("sched_yield", 24),
          Map.entry("nanosleep", 35),
          Map.entry("connect", 42),
          Map.entry("accept", 43),
          Map.entry("sendto", 44),
          Map.entry("recvfrom", 45),
          Map.entry("sendmsg", 46),
          Map.entry("recvmsg", 47),
          Map.entry("futex", 202),
          Map.entry("restart_syscall", 219),
          Map.entry("clock_nanosleep", 230),
          Map.entry("epoll_wait", 232),
          Map.entry("pselect6", 270),
          Map.entry("ppoll", 271),
          Map.entry("epoll_pwait", 281),
          Map.entry("accept4", 288),
          Map.entry("io_uring_enter", 426));

  // asm-generic/unistd.h
  private static final Map<String, Integer> AARCH64 =
      Map.ofEntries(
          Map.entry("epoll_pwait", 22),
          Map.entry("read", 63),
          Map.entry("write", 64),
          Map.entry("readv", 65),
          Map.entry("writev", 66),
          Map.entry("pselect6", 72),
          Map.entry("ppoll", 73),
          Map.entry("futex", 98),
          Map.entry("nanosleep", 101),
          Map.entry("clock_nanosleep", 115),
          Map.entry("sched_yield", 124),
          Map.entry("restart_syscall", 128),
          Map.entry("accept", 202),
          Map.entry("connect", 203),
          Map.entry("sendto", 206),
          Map.entry("recvfrom", 207),
          Map.entry("sendmsg", 211),
          Map.entry("recvmsg", 212),
          Map.entry("accept4", 242),
          Map.entry("io_uring_enter", 426));

  private static final Map<String, String> AS_CALLED =
      Map.of(
          "recvfrom", "recv",
          "sendto", "send",
          "pselect6", "select",
          "ppoll", "poll",
          "epoll_pwait", "epoll_wait");

  private static final Map<Integer, String> NAMES = names(System.getProperty("os.arch", ""));

  private SyscallNumbers() {}

  /// The name of the call that has this number on this architecture: `recv`, `epoll_wait`. `system
  /// call 17` if it is none of those that are known here.
  public static String nameOf(int number) {
    return NAMES.getOrDefault(number, "system call " + number);
  }

  /// The numbers of an architecture, under its name in the system property `os.arch`, by the
  /// kernel's names. Empty if it is not known.
  static Map<String, Integer> of(String architecture) {
    return switch (architecture) {
      case "amd64", "x86_64" -> X86_64;
      case "aarch64", "arm64" -> AARCH64;
      default -> Map.of();
    };
  }

  private static Map<Integer, String> names(String architecture) {
    Map<Integer, String> names = new TreeMap<>();
    of(architecture)
        .forEach((name, number) -> names.put(number, AS_CALLED.getOrDefault(name, name)));
    return names;
  }
}
