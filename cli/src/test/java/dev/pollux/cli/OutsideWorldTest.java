package dev.pollux.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.net.tls.TlsIdentity;
import dev.pollux.net.tls.TlsOptions;
import dev.pollux.websocket.CompressionOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Clients of others: npm `ws`, and the page in Chromium. Skipped without them, with what is
/// missing, unless `-Dpollux.outside=required`.
final class OutsideWorldTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void npmWsIsServed(IoModel model) throws Exception {
    NodeScript.require();
    try (DemoServer demo = DemoServer.start(server -> server.io(model))) {
      String echo = "ws://" + demo.hostAndPort() + "/echo";
      assertAllIsWell(run("ws-echo.mjs", echo));
      assertAllIsWell(run("ws-many.mjs", echo, "50", "40"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void npmWsIsServedCompressed(IoModel model) throws Exception {
    NodeScript.require();
    CompressionOptions takeover = CompressionOptions.DEFAULT.withContextTakeover(true, true);
    for (CompressionOptions options : List.of(CompressionOptions.DEFAULT, takeover)) {
      try (DemoServer demo = DemoServer.start(server -> server.io(model).compression(options))) {
        assertAllIsWell(run("ws-deflate.mjs", "ws://" + demo.hostAndPort() + "/echo"));
      }
    }
    try (DemoServer demo = DemoServer.start(server -> server.io(model))) {
      assertAllIsWell(run("ws-deflate.mjs", "ws://" + demo.hostAndPort() + "/echo", "false"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "BLOCKING"})
  void thePageTalksAndIsAlive(IoModel model) throws Exception {
    NodeScript.require();
    requireChromium();
    try (DemoServer demo = DemoServer.start(server -> server.io(model))) {
      String shot = folder.resolve("page.png").toString();
      String result = run("page.mjs", demo.page(), shot);
      assertAllIsWell(result);
      assertTrue(result.contains("\"model\":\"" + model.word() + "\""), result);
      try (Stream<Path> shots = Files.list(folder)) {
        assertEquals(3, shots.filter(file -> file.toString().endsWith(".png")).count());
      }
    }
  }

  @Test
  void theReportOfTheLabIsDrawn() throws Exception {
    NodeScript.require();
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
    String result = run("report.mjs", out.resolve("index.html").toString(), shot);
    assertAllIsWell(result);
    assertTrue(result.contains("\"plots\":1"), result);
  }

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "BLOCKING"})
  void npmWsAndThePageAreServedOverTls(IoModel model) throws Exception {
    NodeScript.require();
    TlsIdentity identity =
        TlsIdentity.selfSigned(List.of("localhost", "127.0.0.1"), Duration.ofDays(1));
    Path trusted = Files.writeString(folder.resolve("trusted.pem"), identity.pem());
    try (DemoServer demo =
        DemoServer.start(server -> server.io(model).tls(TlsOptions.of(() -> identity)))) {
      String echo = demo.scheme() + "://" + demo.hostAndPort() + "/echo";
      assertTrue(echo.startsWith("wss://"), echo);
      // The name is checked, and the certificate against the one that Node.js is told to trust.
      Map<String, String> trusting = Map.of("NODE_EXTRA_CA_CERTS", trusted.toString());
      assertAllIsWell(run(trusting, "ws-echo.mjs", echo));
      assertAllIsWell(run(trusting, "ws-many.mjs", echo, "50", "40"));
      String refused = run(Map.of(), "ws-echo.mjs", echo);
      assertTrue(refused.contains("self-signed") || refused.contains("self signed"), refused);
      requireChromium();
      String result = run(Map.of(), "page.mjs", demo.page(), folder.resolve("tls.png").toString());
      assertAllIsWell(result);
    }
  }

  private static void requireChromium() {
    String chromium = Objects.requireNonNullElse(System.getenv("CHROMIUM"), "/usr/bin/chromium");
    NodeScript.require(Files.isExecutable(Path.of(chromium)), "there is no " + chromium);
  }

  private static void assertAllIsWell(String json) {
    assertEquals(true, JsonReader.object(json).get("ok"), json);
  }

  private String run(String script, String... args) throws Exception {
    return run(Map.of(), script, args);
  }

  private String run(Map<String, String> environment, String script, String... args)
      throws Exception {
    return NodeScript.run(folder, environment, script, args);
  }
}
