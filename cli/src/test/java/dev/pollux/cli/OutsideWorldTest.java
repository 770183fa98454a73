package dev.pollux.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.net.IoModel;
import dev.pollux.websocket.CompressionOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Clients of others: npm `ws`, and the page in Chromium. Skipped without them, with what is
/// missing, unless `-Dpollux.outside=required`.
final class OutsideWorldTest {
  private static final int DEADLINE_SECONDS = 90;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void npmWsIsServed(IoModel model) throws Exception {
    requireNode();
    try (DemoServer demo = DemoServer.start(server -> server.io(model))) {
      String echo = "ws://" + demo.hostAndPort() + "/echo";
      assertAllIsWell(node("ws-echo.mjs", echo));
      assertAllIsWell(node("ws-many.mjs", echo, "50", "40"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void npmWsIsServedCompressed(IoModel model) throws Exception {
    requireNode();
    CompressionOptions takeover = CompressionOptions.DEFAULT.withContextTakeover(true, true);
    for (CompressionOptions options : List.of(CompressionOptions.DEFAULT, takeover)) {
      try (DemoServer demo = DemoServer.start(server -> server.io(model).compression(options))) {
        assertAllIsWell(node("ws-deflate.mjs", "ws://" + demo.hostAndPort() + "/echo"));
      }
    }
    try (DemoServer demo = DemoServer.start(server -> server.io(model))) {
      assertAllIsWell(node("ws-deflate.mjs", "ws://" + demo.hostAndPort() + "/echo", "false"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "BLOCKING"})
  void thePageTalksAndIsAlive(IoModel model) throws Exception {
    requireNode();
    String chromium = Objects.requireNonNullElse(System.getenv("CHROMIUM"), "/usr/bin/chromium");
    require(Files.isExecutable(Path.of(chromium)), "there is no " + chromium);
    try (DemoServer demo = DemoServer.start(server -> server.io(model))) {
      String shot = folder.resolve("page.png").toString();
      String result = node("page.mjs", demo.page(), shot);
      assertAllIsWell(result);
      assertTrue(result.contains("\"model\":\"" + model.word() + "\""), result);
      try (Stream<Path> shots = Files.list(folder)) {
        assertEquals(3, shots.filter(file -> file.toString().endsWith(".png")).count());
      }
    }
  }

  @Test
  void theReportOfTheLabIsDrawn() throws Exception {
    requireNode();
    String chromium = Objects.requireNonNullElse(System.getenv("CHROMIUM"), "/usr/bin/chromium");
    require(Files.isExecutable(Path.of(chromium)), "there is no " + chromium);
    Path out = folder.resolve("report");
    Invocation lab =
        Invocation.of(
            "lab",
            "--quick",
            "--only",
            "copied",
            "--io",
            "epoll,poll,select",
            "--out",
            out.toString());
    assertEquals(0, lab.exitCode(), lab.err());
    String shot = folder.resolve("report.png").toString();
    String result = node("report.mjs", out.resolve("index.html").toString(), shot);
    assertAllIsWell(result);
    assertTrue(result.contains("\"plots\":1"), result);
  }

  private static void assertAllIsWell(String json) {
    assertEquals(true, JsonReader.object(json).get("ok"), json);
  }

  /// What the script printed, its last line.
  private String node(String script, String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of("node", script));
    command.addAll(List.of(args));
    Path output = Files.createTempFile(folder, script, ".out");
    Process process =
        new ProcessBuilder(command)
            .directory(outside().toFile())
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

  private static void requireNode() {
    boolean isThere =
        Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":", -1))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "node")));
    require(isThere, "there is no node on the PATH");
    require(
        Files.isDirectory(outside().resolve("node_modules/ws")),
        "the packages are missing: npm ci --prefix outside");
  }

  private static void require(boolean isThere, String otherwise) {
    if ("required".equals(System.getProperty("pollux.outside"))) {
      assertTrue(isThere, otherwise);
    }
    assumeTrue(isThere, otherwise);
  }

  /// Surefire starts a test in the folder of its module.
  private static Path outside() {
    return Path.of("..", "outside").toAbsolutePath().normalize();
  }
}
