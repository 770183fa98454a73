package dev.pollux.lab.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.lab.PingingServer;
import dev.pollux.lab.worker.Worker;
import dev.pollux.lab.worker.WorkerException;
import dev.pollux.lab.worker.WorkerOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The experiments' own clients of a server that pings in the midst of what it sends back.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("NullAway.Init") // the method before each test sets the field
final class ControlFramesTest {
  private PingingServer server;

  @BeforeEach
  void start() throws IOException {
    server = new PingingServer();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean() && System.nanoTime() - deadline < 0) {
      Thread.onSpinWait();
    }
  }

  private void assertAllPongs() {
    await(() -> server.pongs() >= server.pings());
    assertEquals(server.pings(), server.pongs());
    assertEquals(List.of(), server.complaints());
  }

  @Test
  void aProbersEchoesAreTheMessagesAlone() throws Exception {
    try (Prober prober = Prober.webSocket(server.port(), "/echo", 3, Duration.ofSeconds(60))) {
      Latencies latencies = prober.ask(30);
      assertFalse(latencies.stalled());
      assertAllPongs();
    }
  }

  @Test
  void aSlowAnswerIsAMessageAlone() throws Exception {
    assertEquals(List.of(7L, 12L), SlowAsker.answersTo(server.port(), List.of(7L, 12L)));
    try (SlowAsker asker = SlowAsker.start(server.port(), "/echo", Duration.ofMillis(7))) {
      await(() -> answers(asker) >= 5);
      assertTrue(answers(asker) >= 5);
    }
    assertEquals(List.of(), server.complaints());
  }

  private static int answers(SlowAsker asker) {
    try {
      return asker.answers();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aCloseFrameIsAnErrorWithItsCode() throws Exception {
    try (Prober prober = Prober.webSocket(server.port(), "/closing", 1, Duration.ofSeconds(60))) {
      IOException closed = assertThrows(IOException.class, () -> prober.ask(30));
      assertEquals("the server closed the WebSocket with 1001", closed.getMessage());
    }
  }

  @Test
  void theFarEndsAnswerPingsOfThoseThatSpeakAndOfThoseThatDoNot() throws Exception {
    try (Worker clients = Worker.start(WebSocketFarEnds.class, WorkerOptions.DEFAULT)) {
      assertEquals(10, connect(clients, "/echo", 10).held());
      WebSocketFarEnds.Exchanged exchanged =
          clients.ask(
              "exchange", Map.of("active", 4, "millis", 100), WebSocketFarEnds.Exchanged.class);
      assertTrue(exchanged.messages() >= 4, exchanged::toString);
      assertAllPongs();
      clients.tell("drop", null);
    }
  }

  @Test
  void theFarEndsTellACloseFrameFromAnEcho() throws Exception {
    try (Worker clients = Worker.start(WebSocketFarEnds.class, WorkerOptions.DEFAULT)) {
      connect(clients, "/closing", 1);
      WorkerException closed =
          assertThrows(
              WorkerException.class,
              () ->
                  clients.ask(
                      "exchange",
                      Map.of("active", 1, "millis", 60_000),
                      WebSocketFarEnds.Exchanged.class));
      String message = String.valueOf(closed.getMessage());
      assertTrue(message.contains("the server closed the WebSocket with 1001"), message);
    }
  }

  private WebSocketFarEnds.Connected connect(Worker clients, String target, int count)
      throws Exception {
    return clients.ask(
        "connect",
        Map.of("port", server.port(), "target", target, "count", count),
        WebSocketFarEnds.Connected.class);
  }
}
