package dev.pollux.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a person reads who asks for help, or makes a mistake.
final class CommandLineTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "serve --help",
        "models --help",
        "load --help",
        "connect --help",
        "lab --help",
        "lab compare --help",
        "lab docs -h",
        "serve -h",
        "help serve"
      })
  void helpGoesToStandardOutputWithExamplesAndExitCodes(String args) {
    Invocation help = Invocation.of(args.split(" "));
    assertEquals(0, help.exitCode());
    assertEquals("", help.err());
    assertTrue(help.out().contains("Usage: pollux"), help.out());
    assertTrue(help.out().contains("Exit codes:"), help.out());
    assertTrue(help.out().contains("Examples:"), help.out());
  }

  @Test
  void theHelpOfServeSaysEveryModelAndTheDefaults() {
    String help = Invocation.of("serve", "--help").out().replaceAll("\\s+", " ");
    for (IoModel model : IoModel.values()) {
      assertTrue(help.contains(" " + model.word()), model.word());
    }
    for (String option : new String[] {"127.0.0.1", "8080", "auto", "1048576", "1024", "5"}) {
      assertTrue(help.contains("Default: " + option), option);
    }
  }

  @Test
  void withoutACommandTheUsageIsAnError() {
    Invocation nothing = Invocation.of();
    assertEquals(2, nothing.exitCode());
    assertEquals("", nothing.out());
    assertTrue(nothing.err().startsWith("Usage: pollux"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          serve --io kqueue           | --io: no I/O model 'kqueue'; there are: WORDS
          serve --direct --io epoll   | --direct needs --io io_uring, or auto; it is epoll here
          serve --port http           | --port: 'http' is not a whole number
          serve --port 65536          | --port is 65536; it must be from 0 to 65535
          serve --port -1             | --port is -1; it must be from 0 to 65535
          serve --loops 0             | --loops is 0; it must be from 1 to 1024
          serve --loops many          | --loops: 'many' is not a whole number
          serve --max-frame-bytes 100 | --max-frame-bytes is 100; it must be from 125 to 2147483639
          serve --max-headers 0       | --max-headers is 0; it must be from 1 to 2147483647
          serve --max-pending-bytes 1 | --max-pending-bytes is 1; it must be from 65536 to 1073741824
          serve --ping-interval soon  | --ping-interval: 'soon' is not a number of seconds
          serve --ping-interval 0.001 | --ping-interval is 0.001; it must be from 0.01 to 86400 seconds, or 0
          serve --ping-timeout 0      | --ping-timeout is 0; it must be from 0.01 to 86400 seconds
          serve --close-timeout 3601  | --close-timeout is 3601; it must be from 0.01 to 3600 seconds
          serve --allow-origin x.test | --allow-origin: 'x.test' is no origin: a scheme, a host, perhaps a port, as in https://example.com:8443, and nothing behind that; or * for all
          serve --prot 80             | there is no --prot
          serve here                  | there is no here
          models --color blue         | --color: expected one of [auto, always, never] (case-sensitive) but was 'blue'
          """)
  void aMistakeIsOneSentenceAndExitCodeTwo(String args, String sentence) {
    String[] words = args.split(" ");
    Invocation wrong = Invocation.of(words);
    String command = "pollux " + words[0];
    String models =
        Arrays.stream(IoModel.values()).map(IoModel::word).collect(Collectors.joining(", "));
    String said = sentence.replace("WORDS", models);
    assertEquals(command + ": " + said + " (see " + command + " --help)\n", wrong.err());
    assertEquals(2, wrong.exitCode());
    assertEquals("", wrong.out());
  }

  @Test
  void aUsedPortIsOneSentenceThatSaysWhatToDo() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(other.getLocalPort());
      Invocation used = Invocation.of("serve", "--port", port);
      assertEquals(
          "pollux serve: port "
              + port
              + " is in use: stop what listens on it, or choose another one with --port, 0 for any"
              + " (bind 127.0.0.1:"
              + port
              + ": EADDRINUSE)\n",
          used.err());
      assertEquals(1, used.exitCode());
      assertEquals("", used.out());
    }
  }

  @Test
  void anAddressOfAnotherMachineIsOneSentence() {
    // RFC 5737: an address for documentation, which nobody has.
    Invocation foreign = Invocation.of("serve", "--host", "192.0.2.1", "--port", "0");
    assertEquals(1, foreign.exitCode());
    assertEquals(
        "pollux serve: this machine has no address 192.0.2.1: choose one that it has with --host,"
            + " 0.0.0.0 for all (bind 192.0.2.1:0: EADDRNOTAVAIL)\n",
        foreign.err());
  }

  @Test
  void aHostThatIsNoneIsOneSentence() {
    Invocation unknown = Invocation.of("serve", "--host", "[nowhere]");
    assertEquals(1, unknown.exitCode());
    assertEquals(
        "pollux serve: there is no host '[nowhere]': give --host a name or an address of this"
            + " machine\n",
        unknown.err());
  }

  @Test
  void verboseAddsTheStackTrace() {
    Invocation verbose = Invocation.of("serve", "--host", "[nowhere]", "--verbose");
    assertEquals(1, verbose.exitCode());
    assertTrue(verbose.err().contains("\tat dev.pollux."), verbose.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          bind 127.0.0.1:80: EACCES                         | 1  | port 80 needs a privilege
          bind [::1]:80: EACCES                             | 1  | port 80 needs a privilege
          socket [::1]:80: EAFNOSUPPORT                     | 1  | this machine has no IPv6, which [::1] is
          socket 127.0.0.1:80: EMFILE                       | 1  | no descriptor is left
          listen 127.0.0.1:80: ENOBUFS                      | 1  | listening on 127.0.0.1:80 was refused
          I/O model poll is not available: no C library     | 69 | I/O model poll is not available
          epoll_create1: EMFILE                             | 1  | the server could not be started: epoll_create1
          """)
  void whatTheKernelRefusesIsSaidInASentence(String message, int exitCode, String beginning) {
    StartFailure failure = StartFailure.of(new IOException(message), "host");
    assertEquals(exitCode, failure.exitCode());
    assertTrue(failure.sentence().startsWith(beginning), failure.sentence());
    assertTrue(failure.sentence().contains(message), failure.sentence());
  }

  @Test
  void theVersionNamesTheBuildTheJvmAndTheSystem() {
    Invocation version = Invocation.of("--version");
    assertEquals(0, version.exitCode());
    String[] lines = version.out().lines().toArray(String[]::new);
    assertTrue(lines[0].matches("pollux \\d+\\.\\d+\\.\\d+\\S*( \\([0-9a-f]+\\))?"), lines[0]);
    assertTrue(lines[1].contains(System.getProperty("java.vm.version")), lines[1]);
    assertTrue(lines[2].contains(System.getProperty("os.version")), lines[2]);
  }

  @Test
  void theCommitIsSaidIfTheBuildKnewIt() {
    Map<String, String> build = Map.of("version", "1.2.3", "commit", "abc123");
    assertEquals("pollux 1.2.3 (abc123)", BuildVersion.lines(build, key -> key)[0]);
  }
}
