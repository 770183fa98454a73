package dev.pollux.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Fuzzes each target for a while, guided by coverage: Jazzer, in a process of its own. The
/// property `pollux.fuzz.seconds` says how long (2 by default), the corpus is where it begins, and
/// what it finds is in `target/fuzz`. The process is its own because Jazzer wants the whole JVM,
/// and because its JUnit engine is for another JUnit than ours.
class FuzzTest {
  private static final int SECONDS = Integer.getInteger("pollux.fuzz.seconds", 2);
  private static final int GRACE_SECONDS = 300;

  @ParameterizedTest
  @EnumSource
  void nothingIsFound(Target target) throws Exception {
    Path work = Files.createDirectories(Path.of("target", "fuzz", target.folder).toAbsolutePath());
    Path log = work.resolveSibling(target.folder + ".log");
    Process jazzer =
        new ProcessBuilder(command(target, work))
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertTrue(
          jazzer.waitFor(SECONDS + GRACE_SECONDS, TimeUnit.SECONDS), () -> "no end: " + tail(log));
    } finally {
      jazzer.destroyForcibly();
    }
    assertEquals(0, jazzer.exitValue(), () -> tail(log));
    String done = tail(log).replaceAll("(?s).*(Done \\d+ runs in \\d+ second).*", "$1");
    System.out.println(target.folder + ": " + done + "s, nothing found");
    assertTrue(done.startsWith("Done "), () -> tail(log));
  }

  private static List<String> command(Target target, Path work) throws IOException {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "-XX:+UseSerialGC",
        "-Xmx512m",
        "-XX:+EnableDynamicAgentLoading",
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        "com.code_intelligence.jazzer.Jazzer",
        "--target_class=" + target.type.getName(),
        "--instrumentation_includes=dev.pollux.**",
        "-max_total_time=" + SECONDS,
        "-max_len=4096",
        "-print_final_stats=1",
        Files.createDirectories(work.resolve("found")).toString(),
        target.corpus().toString());
  }

  private static String tail(Path log) {
    try {
      List<String> lines = Files.readAllLines(log, java.nio.charset.StandardCharsets.ISO_8859_1);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 200), lines.size()));
    } catch (IOException e) {
      return "no log: " + e;
    }
  }
}
