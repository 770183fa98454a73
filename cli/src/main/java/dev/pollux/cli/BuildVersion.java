package dev.pollux.cli;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.IVersionProvider;

/// What runs on what: Pollux, its commit if the build was told (`-Dpollux.commit=...`), the JVM,
/// the system.
final class BuildVersion implements IVersionProvider {

  @Override
  public String[] getVersion() {
    Map<String, String> build =
        new String(Resource.bytes("build.properties"), StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.contains("="))
            .map(line -> List.of(line.split("=", 2)))
            .collect(Collectors.toMap(List::getFirst, List::getLast));
    return lines(build, key -> System.getProperty(key, "unknown"));
  }

  /// The version of Pollux alone: `0.1.0 (a84d1c2)`.
  static String shortForm() {
    return new BuildVersion().getVersion()[0].substring("pollux ".length());
  }

  static String[] lines(Map<String, String> build, Function<String, String> system) {
    String commit = build.getOrDefault("commit", "");
    return new String[] {
      "pollux " + build.get("version") + (commit.isBlank() ? "" : " (" + commit + ")"),
      "JVM    " + system.apply("java.vm.name") + " " + system.apply("java.vm.version"),
      "system "
          + system.apply("os.name")
          + " "
          + system.apply("os.version")
          + " "
          + system.apply("os.arch")
    };
  }
}
