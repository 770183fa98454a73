package dev.pollux.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `pollux serve` from the first line to SIGTERM.
final class ServeTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void eachModelListensEchoesAndStopsAsAsked(IoModel model) throws Exception {
    try (ServeProcess serve =
        new ServeProcess(folder, "serve", "--port", "0", "--loops", "1", "--io", model.word())) {
      String first = serve.line();
      assertNotNull(first, () -> "ended with " + err(serve));
      Matcher ready =
          Pattern.compile("listening on (ws://127\\.0\\.0\\.1:(\\d+)) io=(\\S+) loops=1")
              .matcher(first);
      assertTrue(ready.matches(), first);
      String picked = model == IoModel.AUTO ? "epoll" : model.word();
      assertEquals(picked, ready.group(3));
      assertEquals("open http://127.0.0.1:" + ready.group(2) + "/", serve.line());

      try (Talker client = new Talker(ready.group(1) + "/echo");
          Talker idle = new Talker(ready.group(1) + "/echo");
          Talker viewer = new Talker(ready.group(1) + "/stats")) {
        client.send("grüße 🌍");
        assertEquals("text grüße 🌍", client.read());
        client.send(new byte[70_000]);
        assertEquals("binary 70000", client.read());
        assertTrue(viewer.read().contains("\"model\":\"" + picked + "\""));

        serve.terminate();
        assertEquals("close 1001", client.read());
        assertEquals("close 1001", idle.read());
      }
      assertEquals(0, serve.exitCode());
      assertNull(serve.line());
      String log = serve.err();
      String expected =
          model == IoModel.AUTO
              ? "I/O model auto is epoll here"
              : model.usesLoops() ? "" : model + " has no loops: --loops changes nothing";
      assertEquals(expected.isEmpty(), log.isEmpty(), log);
      assertTrue(log.contains(expected), log);
    }
  }

  @Test
  void aHandlerThatBlocksItsLoopCannotHoldTheEndUp() throws Exception {
    try (ServeProcess serve =
        new ServeProcess(folder, "serve", "--port", "0", "--loops", "1", "--grace", "0")) {
      String first = serve.line();
      assertNotNull(first, () -> "ended with " + err(serve));
      String address = first.split(" ", -1)[2];
      try (Talker client = new Talker(address + "/offload?delay=10000");
          Talker viewer = new Talker(address + "/stats")) {
        assertTrue(viewer.read().startsWith("text {"));
        client.send("blocks the loop");
        serve.terminate();
        assertEquals(0, serve.exitCode());
      }
    }
  }

  @Test
  void thePageAndItsFilesAreServedAndNothingElse() throws Exception {
    try (DemoServer demo = DemoServer.start(server -> server);
        HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> page = get(http, demo.page());
      assertEquals(200, page.statusCode());
      assertEquals("text/html; charset=utf-8", page.headers().firstValue("Content-Type").get());
      for (String id :
          List.of(
              "url",
              "connect",
              "disconnect",
              "message",
              "send",
              "log",
              "model",
              "loops",
              "connections",
              "messages",
              "calls",
              "calls-per-message",
              "cpu")) {
        assertTrue(page.body().contains("id=\"" + id + "\""), id);
      }
      Matcher linked = Pattern.compile("(?:href|src)=\"/([^\"]+)\"").matcher(page.body());
      while (linked.find()) {
        assertEquals(200, get(http, demo.page() + linked.group(1)).statusCode(), linked.group(1));
      }
      assertEquals(404, get(http, demo.page() + "page.html").statusCode());
      String script = get(http, demo.page() + "page.js").body();
      for (IoModel model : IoModel.values()) {
        String key = model.word().contains("-") ? "\"" + model.word() + "\"" : model.word();
        assertTrue(script.contains("\n  " + key + ":"), "the page explains " + model);
      }
    }
  }

  private static HttpResponse<String> get(HttpClient http, String uri) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(uri))
            .timeout(Duration.ofSeconds(Talker.DEADLINE_SECONDS))
            .build();
    return http.send(request, BodyHandlers.ofString());
  }

  private static String err(ServeProcess serve) {
    try {
      return serve.exitCode() + ": " + serve.err();
    } catch (Exception e) {
      return e.toString();
    }
  }
}
