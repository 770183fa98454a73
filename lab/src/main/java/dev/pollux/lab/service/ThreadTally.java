package dev.pollux.lab.service;

import dev.pollux.sys.SyscallNumbers;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What the threads of a server were doing, by samples of `/proc/self/task/TID/syscall`
/// (proc_pid_syscall(5)): the system call that a thread is blocked in, or that it runs.
///
/// @param samples how often all threads were looked at
/// @param groups threads of one role doing the same
public record ThreadTally(int samples, List<Group> groups) implements Serializable {
  private static final Path TASKS = Path.of("/proc/self/task");
  private static final int NAME_BYTES = 15;

  /// A thread that is on a processor or waits for one, not for I/O.
  public static final String RUNNING = "running";

  /// Threads that were seen doing the same.
  ///
  /// @param role what its name says that the thread is for: `client` (the worker of a client),
  ///   `acceptor`, `offload`, `carrier` (of virtual threads), `loop`
  /// @param doing the name of a system call as the program called it, or [#RUNNING]
  /// @param seen how many threads were seen at it, over all samples
  public record Group(String role, String doing, long seen) implements Serializable {}

  public ThreadTally {
    groups = List.copyOf(groups);
  }

  /// Looks at the threads of this process.
  ///
  /// @param samples how often
  /// @param every time between two looks
  static ThreadTally ofThisProcess(int samples, Duration every)
      throws IOException, InterruptedException {
    Map<String, Map<String, Long>> seen = new TreeMap<>();
    for (int i = 0; i < samples; i++) {
      Thread.sleep(every);
      look(seen);
    }
    List<Group> groups = new ArrayList<>();
    seen.forEach((role, doings) ->
        doings.forEach((doing, count) -> groups.add(new Group(role, doing, count))));
    return new ThreadTally(samples, groups);
  }

  private static void look(Map<String, Map<String, Long>> seen) throws IOException {
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      for (Path task : tasks) {
        String role = role(read(task.resolve("comm")));
        String doing = doing(read(task.resolve("syscall")));
        if (role != null && doing != null) {
          seen.computeIfAbsent(role, _ -> new TreeMap<>()).merge(doing, 1L, Long::sum);
        }
      }
    }
  }

  /// By the beginning of a name, of which the kernel keeps 15 bytes (pthread_setname_np(3)).
  static @Nullable String role(String threadName) {
    if (threadName.startsWith("client-")) {
      return "client";
    }
    if (threadName.startsWith("ForkJoinPool-")) {
      return "carrier";
    }
    if (!threadName.startsWith("pollux-") || threadName.equals("pollux-timer")) {
      return null;
    }
    if (threadName.equals("pollux-accept")) {
      return "acceptor";
    }
    return threadName.equals("pollux-offload-".substring(0, NAME_BYTES)) ? "offload" : "loop";
  }

  /// Null if the thread has ended meanwhile.
  static @Nullable String doing(String syscall) {
    String number = syscall.split(" ", 2)[0];
    return switch (number) {
      case "" -> null;
      case RUNNING -> RUNNING;
      // Blocked, but not in a call: on a page of memory, for example.
      case "-1" -> "elsewhere";
      default -> SyscallNumbers.nameOf(Integer.parseInt(number));
    };
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /// How many threads of that role there were on average.
  public double threads(String role) {
    return samples == 0 ? 0 : (double) seen(role) / samples;
  }

  /// Which part of the looks at threads of that role found them at it, from 0 to 1.
  public double share(String role, String doing) {
    long all = seen(role);
    long there =
        groups.stream()
            .filter(group -> group.role().equals(role) && group.doing().equals(doing))
            .mapToLong(Group::seen)
            .sum();
    return all == 0 ? 0 : (double) there / all;
  }

  /// Each role with the number of its threads and what they did, most often first, without what was
  /// seen in less than 5 % of the looks: `4 × client: recv 75 %, send 25 %; 1 × acceptor: accept4
  /// 100 %`.
  public String text() {
    return groups.stream()
        .map(Group::role)
        .distinct()
        .sorted(Comparator.comparingLong(this::seen).reversed())
        .map(role -> Math.round(threads(role)) + " × " + role + ": " + doings(role))
        .collect(Collectors.joining("; "));
  }

  private String doings(String role) {
    return groups.stream()
        .filter(group -> group.role().equals(role) && share(role, group.doing()) >= 0.05)
        .sorted(Comparator.comparingLong(Group::seen).reversed())
        .map(group -> "%s %.0f %%".formatted(group.doing(), 100 * share(role, group.doing())))
        .collect(Collectors.joining(", "));
  }

  private long seen(String role) {
    return groups.stream().filter(group -> group.role().equals(role)).mapToLong(Group::seen).sum();
  }
}
