package dev.pollux.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// `pollux` in a JVM of its own, with the class path of this test.
final class ServeProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;
  private final Path err;

  ServeProcess(Path folder, String... args) throws IOException {
    this(folder, List.of("--enable-native-access=ALL-UNNAMED"), args);
  }

  /// With these options of the JVM; without any, native access is denied.
  ServeProcess(Path folder, List<String> options, String... args) throws IOException {
    this(folder, List.of(), options, args);
  }

  /// With so many descriptors.
  static ServeProcess withDescriptors(Path folder, int descriptors, String... args)
      throws IOException {
    return new ServeProcess(
        folder,
        List.of("sh", "-c", "ulimit -n " + descriptors + "; exec \"$@\"", "sh"),
        List.of("--enable-native-access=ALL-UNNAMED"),
        args);
  }

  private ServeProcess(Path folder, List<String> prefix, List<String> options, String... args)
      throws IOException {
    err = Files.createTempFile(folder, "serve", ".err");
    List<String> command = new ArrayList<>(prefix);
    command.addAll(
        List.of(
            // Where the tests are run in the background SIGINT is ignored, and that is
            // inherited.
            "env",
            "--default-signal=INT",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--illegal-native-access=deny",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
    command.addAll(options);
    command.add(Main.class.getName());
    command.addAll(List.of(args));
    process = new ProcessBuilder(command).redirectError(err.toFile()).start();
    out = process.inputReader(StandardCharsets.UTF_8);
  }

  /// The next line of standard output, or null at its end.
  @Nullable String line() throws Exception {
    return CompletableFuture.supplyAsync(
            () -> {
              try {
                return out.readLine();
              } catch (IOException e) {
                return "unreadable: " + e;
              }
            })
        .get(Talker.DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  /// Sends SIGTERM.
  void terminate() {
    // Process.destroy would close its output, too.
    process.toHandle().destroy();
  }

  /// Sends SIGINT, as Ctrl-C does.
  void interrupt() throws Exception {
    signal("INT");
  }

  private void signal(String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /// Waits until standard error holds some words, two minutes at most.
  void awaitErr(String words) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!err().contains(words)) {
      if (System.nanoTime() - deadline > 0 || !process.isAlive()) {
        throw new AssertionError("'" + words + "' is not in: " + err());
      }
      LockSupport.parkNanos(50_000_000);
    }
  }

  /// Has it stand still, as the machine under it may.
  void stop() throws Exception {
    signal("STOP");
  }

  /// Lets it go on.
  void goOn() throws Exception {
    signal("CONT");
  }

  /// The descriptors that it has open.
  int descriptors() {
    String[] open = Path.of("/proc", Long.toString(process.pid()), "fd").toFile().list();
    return open == null ? -1 : open.length;
  }

  int exitCode() throws InterruptedException {
    return process.waitFor(Talker.DEADLINE_SECONDS, TimeUnit.SECONDS) ? process.exitValue() : -1;
  }

  String err() throws IOException {
    return Objects.requireNonNull(Files.readString(err));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
