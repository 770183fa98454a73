package dev.pollux.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A JVM that denies native access, as one without `--enable-native-access` will in time: what is
/// left is what there is on macOS and Windows.
final class NativeAccessDeniedTest {
  private static final List<String> DENIED = List.of();

  @TempDir private Path folder;

  private static String echoes(ServeProcess serve) throws Exception {
    String first = serve.line();
    assertNotNull(first, () -> "ended");
    try (Talker client = new Talker(first.split(" ", -1)[2] + "/echo");
        Talker viewer = new Talker(first.split(" ", -1)[2] + "/stats")) {
      client.send("grüße 🌍");
      assertEquals("text grüße 🌍", client.read());
      client.send(new byte[200_000]);
      assertEquals("binary 200000", client.read());
      assertTrue(viewer.read().startsWith("text {"));
      serve.terminate();
      assertEquals("close 1001", client.read());
    }
    assertEquals(0, serve.exitCode());
    return first;
  }

  @Test
  void nioServesAndNoClassThatLinksNativelyIsEvenInitialised() throws Exception {
    Path log = folder.resolve("init.log");
    List<String> options = List.of("-Xlog:class+init=info:file=" + log);
    try (ServeProcess serve =
        new ServeProcess(folder, options, "serve", "--io", "nio", "--port", "0")) {
      assertTrue(echoes(serve).contains(" io=nio "));
      // The system's zlib is out of reach too; the JDK's does.
      assertTrue(serve.err().contains("messages are compressed by java.util.zip"), serve.err());
      assertEquals(1, serve.err().lines().count(), serve.err());
    }
    List<String> initialised = initialisedClasses(log);
    assertTrue(
        initialised.contains("dev/pollux/net/internal/nio/ChannelKernel"),
        () -> "the log is not understood: " + initialised);
    for (String name : List.of("CLibrary", "RingLibrary", "LinuxKernel", "LinuxRing")) {
      assertTrue(!initialised.contains("dev/pollux/sys/" + name), name);
    }
  }

  private static List<String> initialisedClasses(Path log) throws Exception {
    try (Stream<String> lines = Files.lines(log)) {
      return lines
          .filter(line -> line.contains("Initializing '"))
          .map(line -> line.replaceFirst(".*Initializing '([^']+)'.*", "$1"))
          .filter(name -> name.startsWith("dev/pollux/"))
          .toList();
    }
  }

  @Test
  void autoIsNioThenAndSaysWhy() throws Exception {
    try (ServeProcess serve = new ServeProcess(folder, DENIED, "serve", "--port", "0")) {
      assertTrue(echoes(serve).contains(" io=nio "));
      String log = serve.err();
      assertTrue(log.contains("auto is nio here"), log);
      assertTrue(log.contains("This JVM refuses native access: start it with"), log);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = IoModel.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NIO", "AUTO"})
  void theOthersSayWhatIsMissing(IoModel model) throws Exception {
    try (ServeProcess serve =
        new ServeProcess(folder, DENIED, "serve", "--port", "0", "--io", model.word())) {
      assertEquals(ExitCode.UNAVAILABLE, serve.exitCode());
      assertTrue(
          serve
              .err()
              .contains(
                  "I/O model "
                      + model
                      + " is not available: This JVM refuses native access: start it with"
                      + " --enable-native-access=ALL-UNNAMED"),
          serve.err());
    }
  }

  @Test
  void modelsListsWhatIsLeft() throws Exception {
    try (ServeProcess models = new ServeProcess(folder, DENIED, "models")) {
      StringBuilder text = new StringBuilder();
      for (String line = models.line(); line != null; line = models.line()) {
        text.append(line).append('\n');
      }
      assertEquals(0, models.exitCode());
      String table = Objects.requireNonNull(text.toString());
      for (IoModel model : IoModel.values()) {
        boolean left = model == IoModel.NIO || model == IoModel.AUTO;
        assertTrue(
            table
                .lines()
                .anyMatch(line -> line.matches(model + " +" + (left ? "yes" : "no") + " .*")),
            table);
      }
    }
  }
}
