package dev.pollux.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.net.IoModel;
import dev.pollux.net.tls.TlsIdentity;
import dev.pollux.net.tls.TlsOptions;
import dev.pollux.websocket.CompressionOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    requireChromium();
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
    requireChromium();
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

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "BLOCKING"})
  void npmWsAndThePageAreServedOverTls(IoModel model) throws Exception {
    requireNode();
    TlsIdentity identity =
        TlsIdentity.selfSigned(List.of("localhost", "127.0.0.1"), Duration.ofDays(1));
    Path trusted = Files.writeString(folder.resolve("trusted.pem"), identity.pem());
    try (DemoServer demo =
        DemoServer.start(server -> server.io(model).tls(TlsOptions.of(() -> identity)))) {
      String echo = demo.scheme() + "://" + demo.hostAndPort() + "/echo";
      assertTrue(echo.startsWith("wss://"), echo);
      // The name is checked, and the certificate against the one that Node.js is told to trust.
      Map<String, String> trusting = Map.of("NODE_EXTRA_CA_CERTS", trusted.toString());
      assertAllIsWell(node(trusting, "ws-echo.mjs", echo));
      assertAllIsWell(node(trusting, "ws-many.mjs", echo, "50", "40"));
      String refused = node(Map.of(), "ws-echo.mjs", echo);
      assertTrue(refused.contains("self-signed") || refused.contains("self signed"), refused);
      requireChromium();
      String result = node(Map.of(), "page.mjs", demo.page(), folder.resolve("tls.png").toString());
      assertAllIsWell(result);
    }
  }

  private static void requireChromium() {
    String chromium = Objects.requireNonNullElse(System.getenv("CHROMIUM"), "/usr/bin/chromium");
    require(Files.isExecutable(Path.of(chromium)), "there is no " + chromium);
  }

  private static void assertAllIsWell(String json) {
    assertEquals(true, JsonReader.object(json).get("ok"), json);
  }

  /// What the script printed, its last line.
  private String node(String script, String... args) throws Exception {
    return node(Map.of(), script, args);
  }

  private String node(Map<String, String> environment, String script, String... args)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("node", script));
    command.addAll(List.of(args));
    Path output = Files.createTempFile(folder, script, ".out");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    Process process =
        builder
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
