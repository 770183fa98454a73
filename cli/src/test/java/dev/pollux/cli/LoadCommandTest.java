package dev.pollux.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.tls.TlsIdentity;
import dev.pollux.net.tls.TlsOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `pollux load` from its words to its exit code.
@SuppressWarnings("NullAway.Init") // the method before each test sets the field
final class LoadCommandTest {
  private DemoServer demo;

  @BeforeEach
  void start() throws IOException {
    demo = DemoServer.start(server -> server.port(0));
  }

  @AfterEach
  void stop() {
    demo.close();
  }

  private Invocation load(String path, String options) {
    String words = "load ws://" + demo.hostAndPort() + path + " --warmup 0.1 --duration 0.3 ";
    return Invocation.of((words + options).strip().split(" "));
  }

  @Test
  void theResultIsForAPersonAndTheProgressGoesToStandardError() {
    Invocation load = load("/echo", "--connections 10 --active 50% --in-flight 2");
    assertEquals(0, load.exitCode(), load.err());
    String out = load.out();
    assertTrue(out.contains("echo, 5 of 10 connections active, 64 bytes of binary data"), out);
    assertTrue(out.contains("every byte checked"), out);
    assertTrue(out.contains("latency     p50 "), out);
    assertTrue(load.err().startsWith("opening, "), load.err());
    assertTrue(load.err().contains("\nmeasuring, "), load.err());
  }

  @Test
  void jsonIsOneObjectWithThePlan() {
    Invocation load =
        load("/echo", "--text --payload 300 --rate 200 --quiet --json --server-pid " + pid());
    assertEquals(0, load.exitCode(), load.err());
    assertEquals("", load.err());
    Map<String, ?> result = JsonReader.object(load.out().strip());
    assertTrue(number(result, "messages") > 0, load.out());
    assertTrue(number(result, "serverCpuShare") > 0, load.out());
    assertTrue(load.out().contains("\"payloadBytes\":300,\"inFlight\":1024"), load.out());
  }

  private static double number(Map<String, ?> object, String name) {
    return object.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  private static long pid() {
    return ProcessHandle.current().pid();
  }

  @Test
  void idleConnectionsAreHeld() {
    Invocation load = load("/echo", "--mode idle --connections 20");
    assertEquals(0, load.exitCode(), load.err());
    assertTrue(load.out().contains(": 20 connections held"), load.out());
  }

  @Test
  void wssIsLoadedAndTheServerHasToBeTrusted(@TempDir Path folder) throws Exception {
    TlsIdentity identity = TlsIdentity.selfSigned(List.of("127.0.0.1"), Duration.ofDays(1));
    Path trusted = Files.writeString(folder.resolve("trusted.pem"), identity.pem());
    try (DemoServer secure =
        DemoServer.start(server -> server.port(0).tls(TlsOptions.of(() -> identity)))) {
      String words =
          "load wss://"
              + secure.hostAndPort()
              + "/echo --connections 5 --in-flight 4 --payload 20000 --warmup 0.1 --duration 0.3";
      Invocation load = Invocation.of((words + " --tls-trust " + trusted).split(" "));
      assertEquals(0, load.exitCode(), load.err());
      assertTrue(load.out().contains("every byte checked"), load.out());
      Invocation any = Invocation.of((words + " --tls-insecure").split(" "));
      assertEquals(0, any.exitCode(), any.err());

      Invocation untrusted = Invocation.of((words + " --quiet").split(" "));
      assertEquals(1, untrusted.exitCode(), untrusted.err());
      assertTrue(untrusted.err().contains("certificate"), untrusted.err());
    }
  }

  @Test
  void aServerThatIsNotThereOrRefusesIs1() {
    Invocation refused = load("/nothing", "--quiet");
    assertEquals(1, refused.exitCode());
    assertTrue(refused.err().contains("404 Not Found instead of 101"), refused.err());
    Invocation nobody = Invocation.of("load", "ws://127.0.0.1:1/", "--quiet", "--duration", "0.1");
    assertEquals(1, nobody.exitCode());
    assertTrue(nobody.err().endsWith("connect 127.0.0.1:1: ECONNREFUSED\n"), nobody.err());
  }

  @Test
  void whatDiffersIs3() {
    // It sends figures that nobody asked for.
    // Paced, because a closed loop that hears nothing gives up after 10 s, and on a busy machine
    // the
    // first figures may come later; it ends as soon as they are there.
    String url = "ws://" + demo.hostAndPort() + "/stats";
    Invocation load =
        Invocation.of("load", url, "--quiet", "--warmup", "0", "--rate", "5", "--duration", "120");
    assertEquals(3, load.exitCode(), load.err());
    assertTrue(load.err().contains("connection 0: "), load.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          load http://h/                     | is no address of a WebSocket, such as
          load ws://h/ --active 7            | active is 7; it must be from 1 to 1
          load ws://h/ --active x            | --active is x; it must be a number, or a number with %
          load ws://h/ --rate fast           | --rate: 'fast' is not a number
          load ws://h/ --mode chat           | --mode is chat; there are: echo, fan-out, idle
          load ws://h/ --io blocking --rate 5| a rate needs an I/O model with loops
          """)
  void aMistakeIsNamed(String words, String sentence) {
    Invocation wrong = Invocation.of(words.split(" "));
    assertEquals(2, wrong.exitCode(), wrong.err());
    assertTrue(wrong.err().contains(sentence), wrong.err());
  }
}
