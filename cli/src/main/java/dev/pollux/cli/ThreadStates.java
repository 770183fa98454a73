package dev.pollux.cli;

import dev.pollux.sys.SyscallNumbers;
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

  private static String doing(String syscall) {
    String number = syscall.split(" ", 2)[0];
    return switch (number) {
      case "running" -> "running";
      // Blocked, but not in a call: on a page of memory, for example.
      case "-1", "" -> "elsewhere";
      default -> SyscallNumbers.nameOf(Integer.parseInt(number));
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
}
