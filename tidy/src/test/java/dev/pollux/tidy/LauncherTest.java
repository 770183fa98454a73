package dev.pollux.tidy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The launcher `pollux` in a checkout of its own, where `mvn` and the JDKs are small scripts that
/// say how they were called, and nothing else of the machine is on the `PATH` but its tools.
final class LauncherTest {

  private static final List<String> TOOLS =
      List.of(
          "sh",
          "cat",
          "date",
          "dirname",
          "find",
          "flock",
          "grep",
          "mkdir",
          "mv",
          "readlink",
          "rm",
          "sed",
          "sort");

  private static final String CACHE_OPTIONS =
      "<--enable-native-access=ALL-UNNAMED> <-Xlog:aot*=off> <-Xlog:cds*=off> ";

  @TempDir private Path folder;
  private Path checkout;
  private Path bin;
  private final Map<String, String> environment = new TreeMap<>();

  private record Outcome(int status, String output, String error) {}

  @BeforeEach
  void aCheckout() throws IOException {
    folder = folder.toRealPath();
    checkout = folder.resolve("a checkout");
    bin = Files.createDirectory(folder.resolve("bin"));
    for (String tool : TOOLS) {
      tool(tool);
    }
    file("pom.xml", "");
    file("cli/pom.xml", "");
    file("cli/src/main/java/Main.java", "");
    file("sys/src/main/java/Call.java", "");
    Files.copy(Checkout.here().root().resolve("pollux"), checkout.resolve("pollux"));
    executable(checkout.resolve("pollux"));
    script(
        bin.resolve("mvn"),
        """
        echo "$JAVA_HOME: $*" >> builds
        echo '[INFO] as always'
        grep -q broken sys/src/main/java/* && { echo '[ERROR] broken source'; exit 1; }
        echo jar > cli/target/pollux.jar
        """);
    environment.put("PATH", bin.toString());
    environment.put("POLLUX_JDK_SEARCH", folder + "/jdks/*:" + folder + "/more/*");
  }

  @Test
  void withoutAJdkItSaysWhatToDoInOneSentence() throws Exception {
    Outcome outcome = pollux("serve");
    assertEquals(69, outcome.status());
    assertEquals("", outcome.output());
    assertEquals(
        """
        pollux: there is no JDK 25 or newer in JAVA_HOME, on the PATH or where JDKs are usually \
        installed: install one (for example Eclipse Temurin 25) or set JAVA_HOME to its folder.
        """,
        outcome.error());
  }

  @Test
  void olderJdksAndRuntimesWithoutACompilerAreNotTaken() throws Exception {
    jdk("jdks/17", "17.0.15");
    jdk("jdks/8", "1.8.0_452");
    Files.delete(jdk("jdks/jre", "25.0.1").resolve("bin/javac"));
    environment.put("JAVA_HOME", jdk("home", "24.0.2").toString());
    assertEquals(69, pollux().status());
  }

  @Test
  void javaHomeIsTakenFirst() throws Exception {
    jdk("jdks/25", "25");
    environment.put("JAVA_HOME", jdk("my home", "26-ea").toString());
    assertEquals("my home", jdkOf(pollux()));
  }

  @Test
  void theJdkOnThePathIsTakenThroughItsLinks() throws Exception {
    jdk("jdks/25", "25");
    Path onPath = jdk("path", "25.0.3").resolve("bin/java");
    Files.createSymbolicLink(bin.resolve("java"), onPath);
    assertEquals("path", jdkOf(pollux()));
  }

  @Test
  void theUsualPlacesAreSearchedInTheirOrder() throws Exception {
    jdk("jdks/17", "17");
    jdk("more/31", "31");
    assertEquals("31", jdkOf(pollux()));
  }

  @Test
  void aJdkWithoutAReleaseFileIsAsked() throws Exception {
    Files.delete(jdk("jdks/25", "25").resolve("release"));
    assertEquals("25", jdkOf(pollux()));
  }

  @Test
  void itBuildsOnceAndHandsItsArgumentsOver() throws Exception {
    jdk("jdks/25", "25");
    Outcome first = pollux("serve", "a b", "*");
    assertEquals(
        CACHE_OPTIONS
            + "<-XX:AOTCache="
            + checkout
            + "/cli/target/pollux.aot> <-XX:+UseSerialGC> <-jar> <"
            + checkout
            + "/cli/target/pollux.jar> <serve> <a b> <*> ",
        first.output().lines().skip(1).findFirst().orElse(""));
    assertTrue(
        first
            .error()
            .matches(
                """
                pollux: building Pollux \\(first start, about a minute\\) …
                pollux: built in \\d+ s
                """),
        first.error());
    assertEquals("", pollux().error());
    assertEquals(
        List.of(
            folder
                + "/jdks/25: --batch-mode --no-transfer-progress -DskipTests"
                + " -pl cli -am package"),
        builds());
  }

  @Test
  void aBuildLeavesACacheForTheNextStarts() throws Exception {
    jdk("jdks/25", "25");
    pollux();
    pollux();
    assertEquals(
        CACHE_OPTIONS
            + "<-XX:AOTCacheOutput="
            + checkout
            + "/cli/target/pollux.aot.new> <-XX:+UseSerialGC> <-jar> <"
            + checkout
            + "/cli/target/pollux.jar> <models> ",
        Files.readString(checkout.resolve("trainings")));
    assertTrue(Files.exists(checkout.resolve("cli/target/pollux.aot")));
  }

  @Test
  void withoutACacheItStartsAllTheSame() throws Exception {
    jdk("jdks/25", "25");
    environment.put("UNTRAINABLE", "1");
    Outcome outcome = pollux();
    assertEquals("25", jdkOf(outcome));
    assertTrue(!Files.exists(checkout.resolve("cli/target/pollux.aot")));
    // The cache of the build before belongs to another jar.
    file("cli/target/pollux.aot", "old");
    file("cli/src/main/resources/page.html", "");
    assertEquals("25", jdkOf(pollux()));
    assertTrue(!Files.exists(checkout.resolve("cli/target/pollux.aot")));
  }

  @Test
  void itBuildsAgainWhenASourceIsNewerGoneOrAdded() throws Exception {
    jdk("jdks/25", "25");
    pollux();
    Path call = checkout.resolve("sys/src/main/java/Call.java");
    Files.setLastModifiedTime(call, FileTime.from(Instant.now().plusSeconds(1)));
    assertTrue(pollux().error().contains("(sources changed)"));
    Files.setLastModifiedTime(call, FileTime.from(Instant.EPOCH));
    assertEquals("", pollux().error());
    Files.delete(checkout.resolve("cli/src/main/java/Main.java"));
    assertTrue(pollux().error().contains("(sources changed)"));
    file("cli/src/main/resources/page.html", "");
    assertTrue(pollux().error().contains("(sources changed)"));
    file("cli/src/test/java/MainTest.java", "");
    assertEquals("", pollux().error());
    assertEquals(4, builds().size());
  }

  @Test
  void aFailedBuildShowsWhatFailedAndIsTriedAgain() throws Exception {
    jdk("jdks/25", "25");
    pollux();
    file("sys/src/main/java/New.java", "broken");
    for (int attempt = 0; attempt < 2; attempt++) {
      Outcome outcome = pollux();
      assertEquals(70, outcome.status());
      assertEquals("", outcome.output());
      assertTrue(outcome.error().contains("[ERROR] broken source\npollux: the build failed"));
      assertTrue(!outcome.error().contains("[INFO]"), outcome.error());
    }
    Files.delete(checkout.resolve("sys/src/main/java/New.java"));
    assertEquals(0, pollux().status());
  }

  @Test
  void withoutMavenItSaysSoInOneSentence() throws Exception {
    jdk("jdks/25", "25");
    Files.delete(bin.resolve("mvn"));
    Outcome outcome = pollux();
    assertEquals(69, outcome.status());
    assertEquals(
        "pollux: building needs Maven 3.8 or newer, and there is no mvn on the PATH: install"
            + " Maven.\n",
        outcome.error());
  }

  @Test
  void itStartsThroughALinkAndStaysInTheCallersFolder() throws Exception {
    jdk("jdks/25", "25");
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path link = Files.createSymbolicLink(elsewhere.resolve("p"), Path.of("../a checkout/pollux"));
    Outcome outcome = finish(start(elsewhere, link.toString()));
    assertEquals(0, outcome.status(), outcome.error());
    assertEquals("in " + elsewhere, outcome.output().lines().toList().getLast());
  }

  @Test
  void concurrentStartsBuildOnce() throws Exception {
    jdk("jdks/25", "25");
    var running = new ArrayList<Process>();
    for (int i = 0; i < 5; i++) {
      running.add(start(checkout, "./pollux"));
    }
    for (Process process : running) {
      Outcome outcome = finish(process);
      assertEquals(0, outcome.status(), outcome.error());
    }
    assertEquals(1, builds().size());
  }

  @Test
  void optionsAndTheStatusOfJavaPass() throws Exception {
    jdk("jdks/25", "25");
    environment.put("POLLUX_JAVA_OPTS", "-Xmx64m -Da=*");
    environment.put("STATUS", "3");
    Outcome outcome = pollux();
    assertEquals(3, outcome.status());
    assertTrue(outcome.output().contains("<-Xmx64m> <-Da=*> <-jar>"), outcome.output());
  }

  private Outcome pollux(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("./pollux"));
    command.addAll(List.of(arguments));
    return finish(start(checkout, command.toArray(String[]::new)));
  }

  private Process start(Path directory, String... command) throws IOException {
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static Outcome finish(Process process) throws IOException, InterruptedException {
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "the launcher hangs");
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Outcome(
        process.exitValue(), output, new String(process.getErrorStream().readAllBytes(), UTF_8));
  }

  private static String jdkOf(Outcome outcome) {
    assertEquals(0, outcome.status(), outcome.error());
    return outcome.output().lines().findFirst().orElse("");
  }

  private List<String> builds() throws IOException {
    return Files.readAllLines(checkout.resolve("builds"));
  }

  /// A folder with a `java` that prints the folder's name, its arguments and where it runs.
  private Path jdk(String name, String version) throws IOException {
    Path jdk = folder.resolve(name);
    Files.createDirectories(jdk.resolve("bin"));
    script(
        jdk.resolve("bin/java"),
        """
        [ "$1" != -version ] || { echo 'openjdk version "%s" 2026-01-01' >&2; exit; }
        for option; do
          case $option in
            -XX:AOTCacheOutput=*)
              printf '<%%s> ' "$@" >> trainings
              [ -n "${UNTRAINABLE-}" ] || echo cache > "${option#*=}"
              exit "${UNTRAINABLE:-0}" ;;
          esac
        done
        echo '%s'
        printf '<%%s> ' "$@"
        printf '\\nin %%s\\n' "$PWD"
        exit ${STATUS-0}
        """
            .formatted(version, jdk.getFileName()));
    script(jdk.resolve("bin/javac"), "");
    Files.writeString(
        jdk.resolve("release"), "IMPLEMENTOR=\"A\"\nJAVA_VERSION=\"" + version + "\"\n");
    return jdk;
  }

  private void file(String path, String text) throws IOException {
    Path file = checkout.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void tool(String name) throws IOException {
    for (String at : List.of("/usr/bin", "/bin")) {
      if (Files.exists(Path.of(at, name))) {
        script(bin.resolve(name), "exec " + at + "/" + name + " \"$@\"");
        return;
      }
    }
  }

  private static void script(Path file, String text) throws IOException {
    executable(Files.writeString(file, "#!/bin/sh\n" + text));
  }

  private static void executable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
