package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.websocket.HttpException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the log says of a request that failed: SLF4J's simple provider writes it to System.err.
final class FailureLogTest {
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final PrintStream before = System.err;

  @BeforeEach
  void listen() {
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void listenNoMore() {
    System.setErr(before);
  }

  private String logged() {
    return log.toString(StandardCharsets.UTF_8);
  }

  private static PolluxServer serverWith(HandlerFactory factory) throws IOException {
    return Pollux.server().webSocket("/failing", factory).stopGrace(Duration.ofMillis(100)).start();
  }

  private static void ask(PolluxServer server) throws IOException {
    try (RawClient client = new RawClient(server.address(), 0)) {
      client.write(RawClient.handshake("/failing"));
      String answer = client.readAll();
      assertTrue(answer.startsWith("HTTP/1.1 500 "), answer);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "999, status is 999",
    "600, status is 600",
    "99, status is 99",
    "-1, status is -1",
    "101, status 101 is no refusal; what was to be said: teapot",
    "200, status 200 is no refusal; what was to be said: teapot",
    "304, status 304 is no refusal; what was to be said: teapot",
  })
  void aStatusThatRefusesNothingIsNamed(int status, String sentence) throws IOException {
    try (PolluxServer server =
        serverWith(request -> {
          throw new HttpException(status, "teapot");
        })) {
      ask(server);
      Await.until(sentence, () -> logged().contains(sentence));
      assertTrue(logged().contains("a request failed: /failing"), logged());
    }
  }

  @Test
  void failuresAreLoggedWithTheirCauseButNotEachOfMany() throws IOException {
    try (PolluxServer server = serverWith(request -> Failing.ERROR.fail())) {
      for (int i = 0; i < 20; i++) {
        ask(server);
      }
      Await.until("all of them", () -> server.statistics().failures() == 20);
      assertTrue(logged().contains("java.lang.AssertionError: a secret"), logged());
      assertTrue(logged().split("a request failed", -1).length - 1 < 20, logged());
    }
  }

  @Test
  void anExceptionWithoutATextIsLoggedByItsName() throws IOException {
    try (PolluxServer server = serverWith(request -> Failing.WITHOUT_A_TEXT.fail())) {
      ask(server);
      Await.until("its name", () -> logged().contains("Failing$Unprintable"));
      assertEquals(1, server.statistics().failures());
    }
  }
}
