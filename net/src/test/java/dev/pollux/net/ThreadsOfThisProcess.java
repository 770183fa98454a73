package dev.pollux.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// What the kernel says of the threads of this process (proc(5), `/proc/self/task`).
final class ThreadsOfThisProcess {
  private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
  static final int RECVFROM = ARM ? 207 : 45;
  static final int SENDTO = ARM ? 206 : 44;

  private ThreadsOfThisProcess() {}

  /// The numbers of the system calls in which the threads are blocked whose name begins so; -1 for
  /// one that runs.
  static List<Integer> systemCallsOf(String namePrefix) {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks
          .filter(task -> read(task.resolve("comm")).startsWith(namePrefix))
          .map(task -> systemCall(read(task.resolve("syscall"))))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Nanoseconds of CPU that the threads have used whose name begins so.
  static long cpuNanosOf(String namePrefix) {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks
          .filter(task -> read(task.resolve("comm")).startsWith(namePrefix))
          .mapToLong(task -> Long.parseLong(read(task.resolve("schedstat")).split(" ", 2)[0]))
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int systemCall(String line) {
    String first = line.strip().toLowerCase(Locale.ROOT).split(" ", 2)[0];
    return first.isEmpty() || first.equals("running") ? -1 : Integer.parseInt(first);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      // ESRCH: the thread has ended between the listing and the reading.
      return "";
    }
  }
}
