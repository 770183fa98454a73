package dev.pollux.lab.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// What the kernel tells of a process in `/proc/PID` (proc_pid_stat(5), proc_pid_status(5)), and of
/// its threads together.
///
/// @param userNanos CPU time in user mode, in ns, to 10 ms
/// @param systemNanos CPU time in the kernel, in ns, to 10 ms
/// @param threadNanos CPU time of the threads that there are now, in ns, as the scheduler has it
///   (`schedstat`); 0 where the kernel does not tell
/// @param threads how many there are now
/// @param waits how often its threads have given up the CPU because they waited
///   (`voluntary_ctxt_switches`); those of threads that have ended are not in it
/// @param preemptions how often the CPU was taken from them (`nonvoluntary_ctxt_switches`)
/// @param residentBytes memory that is really there, in bytes
/// @param virtualBytes addresses that are taken, in bytes
public record ProcessFigures(
    long userNanos,
    long systemNanos,
    long threadNanos,
    int threads,
    long waits,
    long preemptions,
    long residentBytes,
    long virtualBytes) {

  // USER_HZ, which is 100 on every architecture that Pollux knows.
  private static final long NANOS_PER_TICK = 10_000_000;

  // Of user and system time each, at the beginning and at the end.
  private static final long MOST_ROUNDED_NANOS = 2 * NANOS_PER_TICK;

  /// The figures of a process that runs.
  ///
  /// @throws IOException if there is none, or no `/proc`
  public static ProcessFigures of(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    String stat = Files.readString(process.resolve("stat"));
    // The name of the program stands in parentheses and may hold anything; the third field follows.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    Map<String, String> status = status(process.resolve("status"));
    long waits = 0;
    long preemptions = 0;
    long threadNanos = 0;
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(process.resolve("task"))) {
      for (Path task : tasks) {
        Map<String, String> of = status(task.resolve("status"));
        threadNanos += threadNanos(task.resolve("schedstat"));
        waits += number(of, "voluntary_ctxt_switches");
        preemptions += number(of, "nonvoluntary_ctxt_switches");
      }
    } catch (UncheckedIOException e) {
      throw new IOException("the threads of process " + pid + " can't be read", e);
    }
    return new ProcessFigures(
        Long.parseLong(fields[11]) * NANOS_PER_TICK,
        Long.parseLong(fields[12]) * NANOS_PER_TICK,
        threadNanos,
        Integer.parseInt(fields[17]),
        waits,
        preemptions,
        number(status, "VmRSS") * 1024,
        number(status, "VmSize") * 1024);
  }

  /// CPU time in ns, user and system together: that of the threads, which is exact, as far as the
  /// process's own, which is not, bears it out. A thread that has ended meanwhile is in that alone.
  public long cpuNanos() {
    long rounded = userNanos + systemNanos;
    return threadNanos == 0
        ? rounded
        : Math.clamp(threadNanos, rounded - MOST_ROUNDED_NANOS, rounded + MOST_ROUNDED_NANOS);
  }

  /// What was used since earlier figures: times and switches; the rest as it is now.
  public ProcessFigures since(ProcessFigures earlier) {
    return new ProcessFigures(
        userNanos - earlier.userNanos,
        systemNanos - earlier.systemNanos,
        threadNanos - earlier.threadNanos,
        threads,
        waits - earlier.waits,
        preemptions - earlier.preemptions,
        residentBytes,
        virtualBytes);
  }

  /// The lines `name: value` of a file; none if the thread has ended meanwhile.
  private static Map<String, String> status(Path file) {
    Map<String, String> values = new HashMap<>();
    try {
      for (String line : Files.readAllLines(file)) {
        int colon = line.indexOf(':');
        if (colon > 0) {
          values.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
      }
    } catch (IOException e) {
      return Map.of();
    }
    return values;
  }

  /// None if the thread has ended meanwhile, or the kernel does not count it.
  private static long threadNanos(Path file) {
    try {
      return Long.parseLong(Files.readString(file).split(" ", 2)[0]);
    } catch (IOException e) {
      return 0;
    }
  }

  private static long number(Map<String, String> status, String name) {
    return Long.parseLong(status.getOrDefault(name, "0").split(" ", -1)[0]);
  }
}
