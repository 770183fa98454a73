package dev.pollux.lab.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What is measured on.
///
/// @param processor its name, as the kernel tells it
/// @param processors how many this process may use
/// @param memoryBytes of the machine
/// @param kernel name and release
/// @param architecture of the JVM
/// @param jvm name and version
/// @param descriptorLimit descriptors that a process may have (`RLIMIT_NOFILE`)
public record Machine(
    String processor,
    int processors,
    long memoryBytes,
    String kernel,
    String architecture,
    String jvm,
    long descriptorLimit) {

  /// This machine.
  public static Machine here() {
    return new Machine(
        valueIn("/proc/cpuinfo", "model name", "unknown"),
        Runtime.getRuntime().availableProcessors(),
        Long.parseLong(valueIn("/proc/meminfo", "MemTotal", "0").split(" ", -1)[0]) * 1024,
        System.getProperty("os.name", "?") + " " + System.getProperty("os.version", "?"),
        System.getProperty("os.arch", "?"),
        System.getProperty("java.vm.name", "?") + " " + System.getProperty("java.vm.version", "?"),
        limitOfDescriptors());
  }

  private static long limitOfDescriptors() {
    String limits = valueStartingWith("/proc/self/limits", "Max open files");
    return limits.isEmpty() ? -1 : Long.parseLong(limits.strip().split(" +", -1)[0]);
  }

  private static String valueIn(String file, String name, String otherwise) {
    String rest = valueStartingWith(file, name);
    int colon = rest.indexOf(':');
    return colon < 0 ? otherwise : rest.substring(colon + 1).strip();
  }

  private static String valueStartingWith(String file, String beginning) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(beginning))
          .map(line -> line.substring(beginning.length()))
          .findFirst()
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }
}
