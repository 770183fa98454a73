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
/// @param threads how many there are now
/// @param waits how often its threads have given up the CPU because they waited
///   (`voluntary_ctxt_switches`); those of threads that have ended are not in it
/// @param preemptions how often the CPU was taken from them (`nonvoluntary_ctxt_switches`)
/// @param residentBytes memory that is really there, in bytes
/// @param virtualBytes addresses that are taken, in bytes
public record ProcessFigures(
    long userNanos,
    long systemNanos,
    int threads,
    long waits,
    long preemptions,
    long residentBytes,
    long virtualBytes) {

  // USER_HZ, which is 100 on every architecture that Pollux knows.
  private static final long NANOS_PER_TICK = 10_000_000;

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
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(process.resolve("task"))) {
      for (Path task : tasks) {
        Map<String, String> of = status(task.resolve("status"));
        waits += number(of, "voluntary_ctxt_switches");
        preemptions += number(of, "nonvoluntary_ctxt_switches");
      }
    } catch (UncheckedIOException e) {
      throw new IOException("the threads of process " + pid + " can't be read", e);
    }
    return new ProcessFigures(
        Long.parseLong(fields[11]) * NANOS_PER_TICK,
        Long.parseLong(fields[12]) * NANOS_PER_TICK,
        Integer.parseInt(fields[17]),
        waits,
        preemptions,
        number(status, "VmRSS") * 1024,
        number(status, "VmSize") * 1024);
  }

  /// CPU time in ns, user and system together.
  public long cpuNanos() {
    return userNanos + systemNanos;
  }

  /// What was used since earlier figures: times and switches; the rest as it is now.
  public ProcessFigures since(ProcessFigures earlier) {
    return new ProcessFigures(
        userNanos - earlier.userNanos,
        systemNanos - earlier.systemNanos,
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

  private static long number(Map<String, String> status, String name) {
    return Long.parseLong(status.getOrDefault(name, "0").split(" ", -1)[0]);
  }
}
