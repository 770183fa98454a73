package dev.pollux.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the server's threads do at this moment, as the kernel tells in `/proc/self/task/*/syscall`
/// (proc_pid_syscall(5)): the system call that a thread is blocked in, or that it is running.
///
/// Nothing is told where there is no such file, or a number is not known for this architecture.
final class ThreadStates {
  private static final Path TASKS = Path.of("/proc/self/task");

  // Reading them must stay cheap with thousands of clients, each with its thread.
  private static final int MAX_THREADS = 256;

  /// @param role `loop`, `acceptor`, `client` or `offload`
  /// @param doing the name of a system call, or `running`
  record Group(String role, String doing, int threads) {}

  private final Map<String, String> callNames = callNames(System.getProperty("os.arch", ""));

  /// The threads that serve, grouped by what they are and do; at most 256 are looked at.
  List<Group> now() {
    Map<String, Integer> counts = new TreeMap<>();
    int looked = 0;
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      for (Path task : tasks) {
        String role = role(read(task.resolve("comm")));
        if (role != null && looked++ < MAX_THREADS) {
          counts.merge(role + " " + doing(read(task.resolve("syscall"))), 1, Integer::sum);
        }
      }
    } catch (IOException e) {
      return List.of();
    }
    List<Group> groups = new ArrayList<>();
    counts.forEach((key, threads) -> {
      int space = key.indexOf(' ');
      groups.add(new Group(key.substring(0, space), key.substring(space + 1), threads));
    });
    return groups;
  }

  /// By the beginning of a name: the kernel keeps 15 bytes of it (pthread_setname_np(3)).
  static @Nullable String role(String threadName) {
    if (threadName.startsWith("client-")) {
      return "client";
    }
    if (!threadName.startsWith("pollux-") || threadName.equals("pollux-timer")) {
      return null;
    }
    if (threadName.equals("pollux-accept")) {
      return "acceptor";
    }
    return threadName.startsWith("pollux-offload") ? "offload" : "loop";
  }

  private String doing(String syscall) {
    String number = syscall.split(" ", 2)[0];
    return switch (number) {
      case "running" -> "running";
      // Blocked, but not in a call: on a page of memory, for example.
      case "-1", "" -> "elsewhere";
      default -> callNames.getOrDefault(number, "system call " + number);
    };
  }

  /// The first line, or an empty string if the thread has ended meanwhile or it can't be read.
  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /// The calls in which threads of a server are met: `asm/unistd_64.h` and `asm-generic/unistd.h`.
  private static Map<String, String> callNames(String architecture) {
    return switch (architecture) {
      case "amd64", "x86_64" ->
          Map.ofEntries(
              Map.entry("0", "read"),
              Map.entry("1", "write"),
              Map.entry("7", "poll"),
              Map.entry("23", "select"),
              Map.entry("43", "accept"),
              Map.entry("44", "send"),
              Map.entry("45", "recv"),
              Map.entry("46", "sendmsg"),
              Map.entry("202", "futex"),
              Map.entry("232", "epoll_wait"),
              Map.entry("270", "select"),
              Map.entry("271", "poll"),
              Map.entry("281", "epoll_wait"),
              Map.entry("288", "accept4"));
      case "aarch64" ->
          Map.of(
              "22", "epoll_wait",
              "63", "read",
              "64", "write",
              "72", "select",
              "73", "poll",
              "98", "futex",
              "206", "send",
              "207", "recv",
              "211", "sendmsg",
              "242", "accept4");
      default -> Map.of();
    };
  }
}
