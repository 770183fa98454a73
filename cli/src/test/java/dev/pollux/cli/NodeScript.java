package dev.pollux.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A script of the folder `outside`, run by Node.js.
final class NodeScript implements AutoCloseable {
  private static final int DEADLINE_SECONDS = 90;

  private final Process process;
  private final Path output;
  private final BufferedReader out;

  private NodeScript(Process process, Path output) {
    this.process = process;
    this.output = output;
    this.out = process.inputReader(StandardCharsets.UTF_8);
  }

  /// Skips the test without Node.js and its packages, or fails it with `-Dpollux.outside=required`.
  static void require() {
    boolean isThere =
        Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":", -1))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "node")));
    require(isThere, "there is no node on the PATH");
    require(
        Files.isDirectory(folder().resolve("node_modules/ws")),
        "the packages are missing: npm ci --prefix outside");
  }

  static void require(boolean isThere, String otherwise) {
    if ("required".equals(System.getProperty("pollux.outside"))) {
      assertTrue(isThere, otherwise);
    }
    assumeTrue(isThere, otherwise);
  }

  /// Surefire starts a test in the folder of its module.
  private static Path folder() {
    return Path.of("..", "outside").toAbsolutePath().normalize();
  }

  private static List<String> command(String script, String... args) {
    List<String> command = new ArrayList<>(List.of("node", script));
    command.addAll(List.of(args));
    return command;
  }

  /// Starts a script that goes on until it is closed; what it says of errors goes to a file of
  /// `scratch`.
  static NodeScript start(Path scratch, String script, String... args) throws IOException {
    Path errors = Files.createTempFile(scratch, script, ".err");
    Process process =
        new ProcessBuilder(command(script, args))
            .directory(folder().toFile())
            .redirectError(errors.toFile())
            .start();
    return new NodeScript(process, errors);
  }

  /// Its next line of output.
  String line() throws Exception {
    String line =
        CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return Objects.requireNonNullElse(out.readLine(), "the end");
                  } catch (IOException e) {
                    return "unreadable: " + e;
                  }
                })
            .get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    assertTrue(line.startsWith("{"), () -> line + errors());
    return line;
  }

  private String errors() {
    try {
      return ": " + Files.readString(output);
    } catch (IOException e) {
      return ": " + e;
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /// Runs a script to its end.
  ///
  /// @return what it printed, its last line
  static String run(Path scratch, Map<String, String> environment, String script, String... args)
      throws Exception {
    Path output = Files.createTempFile(scratch, script, ".out");
    ProcessBuilder builder = new ProcessBuilder(command(script, args));
    builder.environment().putAll(environment);
    Process process =
        builder
            .directory(folder().toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        fail(script + " does not end: " + Files.readString(output));
      }
      return Files.readString(output).lines().reduce("nothing", (before, line) -> line);
    } finally {
      // A browser that its script could not close.
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
