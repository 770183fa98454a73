package dev.pollux.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `pollux bench`, in a JVM of its own, which ends before its time.
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EarlyEndTest {
  private static final String SERVER = "dev.pollux.bench.peer.PolluxPeer";

  @TempDir Path folder;

  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void twoProcessors() {
    assumeTrue(Runtime.getRuntime().availableProcessors() >= 2);
  }

  @AfterEach
  void nothingIsLeft() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void anInterruptLeavesAReportOfWhatWasMeasured() throws Exception {
    Process bench = bench("--workloads", "W2", "--rounds", "100");
    awaitErr(bench, "W2, round 2 of 100");
    List<ProcessHandle> children = bench.descendants().toList();
    assertFalse(children.isEmpty());
    interrupt(bench);
    assertEquals(130, exitCode(bench), err());
    assertEnded(children);
    String share = assertStopped("W2", 100, "interrupted") + " of 100 rounds";
    assertTrue(read("bench.md").contains("\nStopped in W2 after " + share + " (interrupted): "));
    assertTrue(read("bench.md").contains("16 in flight; stopped after " + share + "\n"));
    // The same is on standard output.
    assertEquals(read("bench.md"), Files.readString(folder.resolve("out")));
  }

  @Test
  void aServerThatDiesLeavesAReportOfWhatWasMeasured() throws Exception {
    Process bench = bench("--workloads", "W2", "--rounds", "100");
    awaitErr(bench, "W2, round 2 of 100");
    List<ProcessHandle> children = bench.descendants().toList();
    List<ProcessHandle> servers = children.stream().filter(EarlyEndTest::isServer).toList();
    assertEquals(1, servers.size());
    servers.forEach(ProcessHandle::destroyForcibly);
    assertEquals(1, exitCode(bench), err());
    assertEnded(children);
    assertStopped("W2", 100, "Pollux epoll (process ");
  }

  @Test
  void anInterruptBeforeAnythingIsMeasuredLeavesTheOldReport() throws Exception {
    Files.writeString(folder.resolve("bench.md"), "of yesterday");
    Process bench = bench("--workloads", "W2", "--rounds", "100");
    awaitErr(bench, "W2: warming up");
    List<ProcessHandle> children = bench.descendants().toList();
    interrupt(bench);
    assertEquals(130, exitCode(bench), err());
    assertEnded(children);
    assertEquals("of yesterday", read("bench.md"));
    assertTrue(err().endsWith("nothing was measured, nothing is written\n"), err());
  }

  /// @return how many rounds there were, which are short: one at least
  private int assertStopped(String workload, int rounds, String reason) throws IOException {
    JsonNode report = JsonMapper.builder().build().readTree(read("bench.json"));
    JsonNode stopped = report.path("stopped");
    assertEquals(1, stopped.path("workloads").size());
    assertEquals(workload, stopped.path("workloads").path(0).asString());
    int done = stopped.path("roundsDone").asInt();
    assertTrue(done >= 1 && done < rounds, stopped::toString);
    assertEquals(rounds, stopped.path("rounds").asInt());
    assertTrue(stopped.path("reason").asString().startsWith(reason), stopped::toString);
    assertEquals(done, report.path("measurements").size());
    assertEquals(1, report.path("summaries").size());
    assertEquals(done, report.path("summaries").path(0).path("rounds").asInt());
    return done;
  }

  /// From /proc: [ProcessHandle.Info] has no arguments where the command line is long.
  private static boolean isServer(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"))
          .contains(SERVER);
    } catch (IOException e) {
      return false;
    }
  }

  private static void assertEnded(List<ProcessHandle> processes) throws Exception {
    for (ProcessHandle process : processes) {
      process.onExit().get(20, TimeUnit.SECONDS);
    }
  }

  private Process bench(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                // Where the tests are run in the background SIGINT is ignored, and that is
                // inherited.
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-Dpollux.home=" + Path.of("..").toAbsolutePath(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                BenchCommand.class.getName(),
                "--quick",
                "--servers",
                "epoll",
                "--out",
                folder.toString()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    started.add(process);
    return process;
  }

  /// Sends SIGINT, as Ctrl-C does, but to this process alone.
  private static void interrupt(Process process) throws Exception {
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
  }

  private void awaitErr(Process process, String words) throws IOException {
    while (!err().contains(words)) {
      if (!process.isAlive()) {
        throw new AssertionError("'" + words + "' is not in: " + err());
      }
      LockSupport.parkNanos(50_000_000);
    }
  }

  private static int exitCode(Process process) throws InterruptedException {
    return process.waitFor(60, TimeUnit.SECONDS) ? process.exitValue() : -1;
  }

  private String err() throws IOException {
    return read("err");
  }

  private String read(String file) throws IOException {
    return Files.readString(folder.resolve(file));
  }
}
