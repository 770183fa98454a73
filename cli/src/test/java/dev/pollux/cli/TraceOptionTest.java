package dev.pollux.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/// `pollux serve --trace`.
final class TraceOptionTest {
  @TempDir private Path folder;

  private static void echo(ServeProcess serve) throws Exception {
    String first = serve.line();
    assertNotNull(first);
    try (Talker client = new Talker(first.split(" ", -1)[2] + "/echo")) {
      client.send("traced");
      assertEquals("text traced", client.read());
    }
  }

  @Test
  void theLinesGoToStandardErrorWithThreadAndTime() throws Exception {
    try (ServeProcess serve =
        new ServeProcess(
            folder, "serve", "--io", "poll", "--port", "0", "--loops", "1", "--trace")) {
      echo(serve);
      serve.awaitErr("close(");
      serve.terminate();
      assertEquals(0, serve.exitCode());
      List<String> lines = serve.err().lines().toList();
      String format = "\\[[^]]+] \\d+\\.\\d{6} [a-z0-9_]+\\(.*\\) = -?\\d+.*";
      lines.forEach(line -> assertTrue(line.matches(format), line));
      assertTrue(lines.stream().anyMatch(line -> line.contains("[pollux-poll-0] ")), serve.err());
      assertTrue(serve.err().contains(", \"GET /echo HTTP/1.1\\r\\n"), serve.err());
    }
  }

  @Test
  void aFileGetsTheChosenCallsOnly() throws Exception {
    Path file = folder.resolve("calls.txt");
    try (ServeProcess serve =
        new ServeProcess(
            folder,
            "serve",
            "--io",
            "epoll",
            "--port",
            "0",
            "--trace",
            file.toString(),
            "--trace-calls",
            "recv,epoll_ctl")) {
      echo(serve);
      serve.terminate();
      assertEquals(0, serve.exitCode());
      assertEquals("", serve.err());
    }
    String text = Objects.requireNonNull(Files.readString(file));
    assertTrue(text.contains(" recv("), text);
    assertTrue(text.contains(" epoll_ctl("), text);
    assertFalse(text.contains(" epoll_wait("), text);
  }

  static boolean hasAFullDevice() {
    return Files.exists(Path.of("/dev/full"));
  }

  @Test
  @EnabledIf("hasAFullDevice")
  void onAFullDiskTheTraceEndsWithOneSentenceAndTheServerGoesOn() throws Exception {
    try (ServeProcess serve =
        new ServeProcess(folder, "serve", "--port", "0", "--io", "epoll", "--trace", "/dev/full")) {
      echo(serve);
      serve.awaitErr("pollux serve: the trace ends here, it can't be written: No space left");
      assertEquals(1, serve.err().lines().count(), serve.err());
      serve.terminate();
      assertEquals(0, serve.exitCode());
    }
  }

  @Test
  void nioSaysThatTheJdkMakesItsCalls() throws Exception {
    try (ServeProcess serve =
        new ServeProcess(folder, "serve", "--io", "nio", "--port", "0", "--trace")) {
      echo(serve);
      serve.awaitErr("the calls of nio are made by the JDK, where --trace does not see them");
      assertEquals(1, serve.err().lines().count(), serve.err());
    }
  }

  @Test
  void whatCannotBeTracedIsSaid() {
    Invocation unknown = Invocation.of("serve", "--trace", "--trace-calls", "recvfrom");
    assertEquals(2, unknown.exitCode());
    assertTrue(
        unknown.err().startsWith("pollux serve: --trace-calls: no system call 'recvfrom' is made;"),
        unknown.err());
    Invocation alone = Invocation.of("serve", "--trace-calls", "recv");
    assertEquals(2, alone.exitCode());
    assertTrue(alone.err().contains("--trace-calls needs --trace"), alone.err());
    Invocation nowhere =
        Invocation.of("serve", "--port", "0", "--trace", folder.resolve("no/such/file").toString());
    assertEquals(1, nowhere.exitCode());
    assertTrue(nowhere.err().contains("no/such/file"), nowhere.err());
  }
}
