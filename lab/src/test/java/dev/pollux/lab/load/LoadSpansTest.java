package dev.pollux.lab.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.lab.load.LoadException.Reason;
import dev.pollux.lab.load.LoadPlan.Mode;
import dev.pollux.lab.worker.Worker;
import dev.pollux.lab.worker.WorkerException;
import dev.pollux.lab.worker.WorkerOptions;
import dev.pollux.net.IoModel;
import dev.pollux.net.tls.TlsClientOptions;
import dev.pollux.server.Pollux;
import dev.pollux.server.PolluxServer;
import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import dev.pollux.websocket.CompressionOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A load that is measured again and again over the same connections.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("NullAway.Init") // the method before each test sets the field
final class LoadSpansTest {
  private PolluxServer server;
  private final Set<WebSocket> members = ConcurrentHashMap.newKeySet();

  // What becomes of the next message.
  private final AtomicReference<String> next = new AtomicReference<>("echo");

  private class Known implements WebSocketHandler {
    @Override
    public void onOpen(WebSocket ws) {
      members.add(ws);
    }
  }

  private final class Echo extends Known {
    @Override
    public void onMessage(WebSocket ws, Message message) {
      switch (next.getAndSet("echo")) {
        case "swallow" -> {}
        case "flip" -> {
          byte[] bytes = message.toByteArray();
          bytes[0] ^= 1;
          ws.sendBinary(bytes);
        }
        case "abort" -> ws.abort();
        default -> ws.send(message);
      }
    }
  }

  private final class Room extends Known {
    @Override
    public void onBinary(WebSocket ws, ByteBuffer data) {
      members.forEach(member -> {
        if (!member.equals(ws)) {
          member.sendBinary(data);
        }
      });
    }
  }

  /// Sends what it gets to the room whose number is in front of it.
  private final class Publish implements WebSocketHandler {
    @Override
    public void onBinary(WebSocket ws, ByteBuffer data) {
      String room = Integer.toString(data.getInt());
      members.stream()
          .filter(member -> room.equals(member.query()))
          .skip(next.getAndSet("all").equals("one misses it") ? 1 : 0)
          .forEach(member -> member.sendBinary(data));
    }
  }

  @BeforeEach
  void start() throws IOException {
    server =
        Pollux.server()
            .io(IoModel.EPOLL)
            .loops(1)
            .compression(CompressionOptions.DEFAULT)
            .webSocket("/echo", new Echo())
            .webSocket("/room", new Room())
            .webSocket("/rooms", new Known())
            .webSocket("/publish", new Publish())
            .start();
  }

  @AfterEach
  void stop() {
    server.stop(Duration.ofSeconds(1));
  }

  private LoadPlan plan(String path) {
    return LoadPlan.of(URI.create("ws://127.0.0.1:" + server.address().getPort() + path));
  }

  private static Load open(LoadPlan plan) throws Exception {
    return Load.open(plan, TlsClientOptions.defaults(), LoadProgress.NONE);
  }

  private long messagesIn() {
    return server.statistics().sessions().messagesIn();
  }

  private static LoadResult wellMeasured(Load load) throws Exception {
    LoadResult result = load.measure(60);
    assertTrue(result.allWell(), () -> String.valueOf(result.problem()));
    assertTrue(result.messages() > 0 && result.p50Micros() > 0, result::toString);
    return result;
  }

  /// What the server has got is what has come back: nothing is under way between two spans.
  private void assertThatSpansHoldAll(LoadPlan plan) throws Exception {
    try (Load load = open(plan)) {
      assertEquals(0, messagesIn());
      long messages = 0;
      for (int i = 0; i < 5; i++) {
        messages += wellMeasured(load).messages();
        assertEquals(messages, messagesIn());
      }
      load.warmUp(20);
      long before = messagesIn();
      assertTrue(before > messages);
      assertEquals(before + wellMeasured(load).messages(), messagesIn());
      assertEquals(plan.connections(), server.statistics().sessions().opened());
      load.leave();
    }
  }

  @ParameterizedTest
  @EnumSource(IoModel.class)
  void spansGoOverTheSameConnections(IoModel model) throws Exception {
    assertThatSpansHoldAll(
        plan("/echo").withConnections(20, 10).withInFlight(3).withModel(model, 1));
  }

  @ParameterizedTest
  @CsvSource({"2, 16_384, false", "1, 300_000, false", "4, 1_024, true"})
  void whateverIsSentIsBackAtTheEndOfItsSpan(int inFlight, int bytes, boolean compressed)
      throws Exception {
    assertThatSpansHoldAll(
        plan("/echo")
            .withConnections(5)
            .withInFlight(inFlight)
            .withPayloadBytes(bytes)
            .withCompressed(compressed));
  }

  @Test
  void severalLoopsComeToRestTogether() throws Exception {
    assertThatSpansHoldAll(plan("/echo").withConnections(8).withModel(IoModel.EPOLL, 2));
  }

  @Test
  void aFanOutIsDeliveredToAllInItsSpan() throws Exception {
    try (Load load = open(plan("/room").withMode(Mode.FAN_OUT).withConnections(30))) {
      for (int i = 0; i < 5; i++) {
        long before = messagesIn();
        long deliveries = wellMeasured(load).messages();
        assertEquals(30 * (messagesIn() - before), deliveries);
      }
    }
  }

  private LoadPlan rooms(int rooms, int inEach) {
    return plan("/rooms")
        .withPublishUri("ws://127.0.0.1:" + server.address().getPort() + "/publish")
        .withPayloadBytes(256)
        .withRooms(rooms, inEach);
  }

  @ParameterizedTest
  @CsvSource({"1, 1, false", "1, 30, true", "3, 4, false", "3, 4, true"})
  void whatIsPublishedComesToAllInTheRoomThatItIsFor(int rooms, int inEach, boolean bursts)
      throws Exception {
    LoadPlan plan = rooms(rooms, inEach);
    try (Load load = open(bursts ? plan.withBurstsOf(16) : plan)) {
      for (int i = 0; i < 5; i++) {
        long before = messagesIn();
        long deliveries = wellMeasured(load).messages();
        long published = messagesIn() - before;
        assertEquals(inEach * published, deliveries);
        assertEquals(0, bursts ? published % 16 : 0);
      }
      assertEquals(rooms * inEach + 1, server.statistics().sessions().opened());
    }
  }

  @Test
  void aMessageThatOneOfARoomMissesIsCounted() throws Exception {
    try (Load load = open(rooms(3, 4).withBurstsOf(16))) {
      wellMeasured(load);
      next.set("one misses it");
      LoadResult result = load.measure(60);
      assertFalse(result.allWell());
      assertEquals(1, result.missed(), result::toString);
      assertEquals(0, result.different());
    }
  }

  @Test
  void aRateBeginsAnewInEachSpanAndMakesUpForNoPause() throws Exception {
    LoadPlan plan = plan("/echo").withConnections(10).withInFlight(100).withRatePerSecond(2000);
    try (Load load = open(plan)) {
      load.warmUp(200);
      try (Load meanwhile = open(plan("/echo"))) {
        assertTrue(meanwhile.measure(500).allWell());
      }
      for (int i = 0; i < 2; i++) {
        LoadResult result = load.measure(500);
        assertTrue(result.allWell(), () -> String.valueOf(result.problem()));
        assertTrue(result.messages() >= 800, result::toString);
        // What is due by then, and not what was due in the pause, or by the pacers of an earlier
        // span as well: that would be twice as many and more.
        assertTrue(result.messages() <= 2000 * result.seconds() + 10, result::toString);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"flip", "abort"})
  void whatGoesWrongInALaterSpanIsReportedInItAndFromThenOn(String how) throws Exception {
    try (Load load = open(plan("/echo").withConnections(3))) {
      wellMeasured(load);
      next.set(how);
      for (int i = 0; i < 2; i++) {
        LoadResult result = load.measure(50);
        assertFalse(result.allWell());
        assertEquals(how.equals("flip") ? 1 : 0, result.different());
        assertEquals(how.equals("flip") ? 0 : 1, result.lost());
        assertTrue(result.messages() > 0);
      }
    }
  }

  @Test
  void whatComesBetweenTwoSpansIsReported() throws Exception {
    try (Load load = open(plan("/echo").withConnections(3))) {
      wellMeasured(load);
      members.iterator().next().sendBinary(new byte[64]);
      LoadResult result = load.measure(50);
      assertEquals(1, result.different());
      // If the next span has begun when it comes, it is taken for the answer that is expected.
      String problem = Objects.requireNonNull(result.problem());
      assertTrue(
          problem.endsWith("a message that was not asked for") || problem.endsWith("differs"),
          problem);
    }
  }

  @Test
  void aConnectionThatEndsBetweenTwoSpansIsReported() throws Exception {
    try (Load load = open(plan("/echo").withConnections(3))) {
      wellMeasured(load);
      members.iterator().next().close(4000, "enough");
      // Whether it has ended already or does so now.
      LoadResult result = load.measure(50);
      assertEquals(1, result.lost());
      assertEquals("the server closed it with 4000", afterColon(result.problem()));
    }
  }

  private static String afterColon(@Nullable String problem) {
    return Objects.requireNonNull(problem).replaceFirst("connection \\d+: ", "");
  }

  @Test
  void aMessageThatIsLostEndsTheLoad() throws Exception {
    try (Load load = open(plan("/echo").withConnections(3))) {
      wellMeasured(load);
      next.set("swallow");
      LoadException stalled = assertThrows(LoadException.class, () -> load.measure(50));
      assertEquals(Reason.STALLED, stalled.reason());
      assertEquals("1 messages had not come back 10 s after the end", stalled.getMessage());
    }
  }

  @Test
  void aLoadWithoutConnectionsThatMatterCannotBeMeasured() throws Exception {
    try (Load load = open(plan("/echo").withConnections(2, 1))) {
      wellMeasured(load);
      next.set("abort");
      assertThrows(
          LoadException.class,
          () -> {
            load.measure(500);
            load.measure(500);
          });
    }
  }

  @Test
  void aProcessOpensOnceMeasuresOftenAndCloses() throws Exception {
    LoadPlan plan = plan("/echo").withConnections(5).withServerPid(ProcessHandle.current().pid());
    try (Worker worker = Worker.start(LoadJob.class, WorkerOptions.DEFAULT)) {
      worker.tell("open", Map.of("plan", plan));
      for (int i = 0; i < 3; i++) {
        LoadResult result =
            worker.ask("measure", Map.of("warmUpMillis", 20, "millis", 50), LoadResult.class);
        assertTrue(result.allWell() && result.messages() > 0, result::toString);
        // Threads of this JVM come and go, so that in so short a time it is not exact.
        assertNotNull(result.serverCpuMicrosPerMessage());
      }
      assertEquals(5, server.statistics().sessions().opened());
      worker.tell("close", null);
      WorkerException closed =
          assertThrows(
              WorkerException.class,
              () -> worker.tell("measure", Map.of("warmUpMillis", 0, "millis", 50)));
      assertTrue(
          String.valueOf(closed.getMessage()).endsWith("no load is open"), closed::getMessage);
    }
  }

  @Test
  void aProcessThatCannotOpenSaysWhyAndMayTryAgain() throws Exception {
    try (Worker worker = Worker.start(LoadJob.class, WorkerOptions.DEFAULT)) {
      WorkerException refused =
          assertThrows(
              WorkerException.class,
              () -> worker.tell("open", Map.of("plan", plan("/nothing").withConnections(3))));
      assertTrue(
          String.valueOf(refused.getMessage()).contains("404 Not Found instead of 101"),
          refused::getMessage);
      worker.tell("open", Map.of("plan", plan("/echo")));
      assertTrue(
          worker
              .ask("measure", Map.of("warmUpMillis", 0, "millis", 50), LoadResult.class)
              .allWell());
    }
  }
}
