package dev.pollux.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.server.Pollux;
import dev.pollux.server.PolluxServer;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import dev.pollux.websocket.CompressionOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `pollux connect` in a JVM of its own, in a pipe and on a terminal.
@SuppressWarnings("NullAway.Init") // the method before each test sets the field
final class ConnectTest {
  private static final int DEADLINE_SECONDS = 90;

  @TempDir private Path folder;
  private PolluxServer server;

  private static final class Echo implements WebSocketHandler {
    @Override
    public void onText(WebSocket ws, String text) {
      switch (text) {
        case "bytes" -> ws.sendBinary(new byte[] {0, 127, -1});
        case "bye" -> ws.close(1001, "going");
        case "fail" -> ws.close(4000, "because");
        case "abort" -> ws.abort();
        case "escape" -> ws.sendText("\u001b[31mred");
        default -> ws.sendText("you said " + text);
      }
    }
  }

  @BeforeEach
  void start() throws IOException {
    Echo echo = new Echo();
    server = Pollux.server().loops(1).webSocket("/", List.of("v1"), request -> echo).start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private record Outcome(int exitCode, String out, String err) {}

  private String url() {
    return "ws://127.0.0.1:" + server.address().getPort() + "/";
  }

  private static List<String> command(String... args) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--illegal-native-access=deny",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName(),
                "connect"));
    command.addAll(List.of(args));
    return command;
  }

  private Outcome run(String input, String... args) throws Exception {
    Path out = Files.createTempFile(folder, "connect", ".out");
    Path err = Files.createTempFile(folder, "connect", ".err");
    Process process =
        new ProcessBuilder(command(args))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      try (OutputStream typed = process.getOutputStream()) {
        typed.write(input.getBytes(UTF_8));
      }
      assertTrue(
          process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS),
          () -> "it does not end: " + text(out) + text(err));
    } finally {
      process.destroyForcibly();
    }
    return new Outcome(process.exitValue(), text(out), text(err));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void linesOfAPipeAreSentAndAnswersPrinted() throws Exception {
    Outcome outcome = run("hello\n/not a command\nbytes\n", url(), "--subprotocol", "v2,v1");
    assertEquals(
        "you said hello\nyou said /not a command\nbinary, 3 bytes: 00 7f ff\n",
        outcome.out(),
        outcome.err());
    assertEquals(
        "pollux connect: connected to /, subprotocol v1\npollux connect: closed with 1000\n",
        outcome.err());
    assertEquals(0, outcome.exitCode());
  }

  @Test
  void jsonHasALineForEachEvent() throws Exception {
    Outcome outcome = run("a \"b\"\nbytes\n", url(), "--json", "--count", "2");
    assertEquals(
        """
        {"type":"open","url":"/","subprotocol":"","extensions":""}
        {"type":"text","text":"you said a \\"b\\""}
        {"type":"binary","hex":"007fff"}
        {"type":"close","code":1000,"reason":""}
        """,
        outcome.out());
    assertEquals("", outcome.err());
    assertEquals(0, outcome.exitCode());
  }

  @Test
  void compressionIsOfferedUnlessItIsNotWanted() throws Exception {
    Echo echo = new Echo();
    try (PolluxServer compressing =
        Pollux.server()
            .loops(1)
            .compression(CompressionOptions.DEFAULT)
            .webSocket("/", echo)
            .start()) {
      String address = "ws://127.0.0.1:" + compressing.address().getPort() + "/";
      Outcome with = run("hello\n", address, "--count", "1");
      assertEquals("you said hello\n", with.out(), with.err());
      assertEquals(
          "pollux connect: connected to /, permessage-deflate; server_no_context_takeover;"
              + " client_no_context_takeover\npollux connect: closed with 1000\n",
          with.err());
      Outcome without = run("hello\n", address, "--count", "1", "--no-compression", "--json");
      assertTrue(without.out().contains("\"extensions\":\"\"}"), without.out());
      assertEquals(0, without.exitCode());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bye, 0, closed with 1001: going",
    "fail, 4, closed with 4000: because",
    "abort, 4, the connection was lost"
  })
  void theExitCodeSaysHowTheServerEndedIt(String word, int exitCode, String said) throws Exception {
    Outcome outcome = run(word + "\n", url(), "--wait", "60");
    assertEquals(exitCode, outcome.exitCode());
    assertTrue(outcome.err().endsWith("pollux connect: " + said + "\n"), outcome.err());
  }

  @Test
  void aServerThatRefusesIs1() {
    Invocation refused = Invocation.of("connect", url() + "nothing");
    assertEquals(1, refused.exitCode());
    assertTrue(refused.err().contains("404 Not Found instead of 101"), refused.err());
    Invocation nobody = Invocation.of("connect", "ws://127.0.0.1:1/");
    assertEquals("pollux connect: connect 127.0.0.1:1: ECONNREFUSED\n", nobody.err());
    assertEquals(1, nobody.exitCode());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          http://h/                | not a ws: or wss: URI: http://h/
          ws://h/ --header Cookie  | --header is 'Cookie'; it must be 'NAME: VALUE'
          ws://h/ --count 0        | --count is 0; it must be at least 1
          ws://h/ --timeout 0      | --timeout is 0.0; it must be more than 0 and at most 3600
          """)
  void aMistakeIsNamed(String words, String sentence) {
    Invocation wrong = Invocation.of(("connect " + words).split(" "));
    assertEquals(2, wrong.exitCode(), wrong.err());
    assertTrue(wrong.err().contains(sentence), wrong.err());
  }

  @Test
  void onATerminalThereAreCommandsAndNothingControlsIt() throws Exception {
    Path script = Path.of("/usr/bin/script");
    assumeTrue(Files.isExecutable(script), "there is no " + script + " to make a terminal");
    List<String> quoted =
        command(url()).stream().map(word -> "'" + word.replace("'", "'\\''") + "'").toList();
    Path shown = Files.createTempFile(folder, "terminal", ".out");
    ProcessBuilder builder =
        new ProcessBuilder(
                script.toString(),
                "-q",
                "-e",
                "-c",
                "stty cols 120 rows 40; " + String.join(" ", quoted),
                "/dev/null")
            .redirectErrorStream(true)
            .redirectOutput(shown.toFile());
    builder.environment().put("XDG_STATE_HOME", folder.toString());
    builder.environment().put("TERM", "xterm");
    Process process = builder.start();
    try (OutputStream keys = process.getOutputStream()) {
      Await.until("the prompt", () -> text(shown).contains("> "));
      type(keys, "hello", shown, "you said hello");
      type(keys, "/ping", shown, "* pong after ");
      type(keys, "/binary 00 ff", shown, "/binary 00 ff");
      type(keys, "//slash", shown, "you said /slash");
      type(keys, "escape", shown, "\\u001b[31mred");
      type(keys, "/nonsense", shown, "* there is no /nonsense; /help lists what there is");
      type(keys, "fail", shown, "* closed with 4000: because");
      assertTrue(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS), () -> text(shown));
      assertEquals(4, process.exitValue(), text(shown));
    } finally {
      process.destroyForcibly();
    }
  }

  private static void type(OutputStream keys, String line, Path shown, String expected)
      throws IOException {
    keys.write((line + "\r").getBytes(UTF_8));
    keys.flush();
    Await.until(expected, () -> text(shown).contains(expected));
  }
}
