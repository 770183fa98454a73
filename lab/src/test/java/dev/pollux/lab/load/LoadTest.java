package dev.pollux.lab.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.lab.load.LoadException.Reason;
import dev.pollux.lab.load.LoadPlan.Mode;
import dev.pollux.lab.worker.Worker;
import dev.pollux.lab.worker.WorkerOptions;
import dev.pollux.net.IoModel;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Loads servers that do right, and servers that do wrong.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@SuppressWarnings("NullAway.Init") // the method before each test sets the field
final class LoadTest {
  private PolluxServer server;
  private final Queue<String> kinds = new ConcurrentLinkedQueue<>();

  private final class Echo implements WebSocketHandler {
    @Override
    public void onMessage(WebSocket ws, Message message) {
      if (kinds.isEmpty()) {
        kinds.add(message.isText() ? "text" : "binary");
      }
      ws.send(message);
    }
  }

  /// Sends the 50th message back as `wrong` has it, the others as they are.
  private interface Wrong extends WebSocketHandler {
    AtomicInteger SEEN = new AtomicInteger();

    void answerWrongly(WebSocket ws, byte[] message);

    @Override
    default void onMessage(WebSocket ws, Message message) {
      if (SEEN.incrementAndGet() == 50) {
        answerWrongly(ws, message.toByteArray());
      } else {
        ws.send(message);
      }
    }
  }

  private static final class Room implements WebSocketHandler {
    private final Set<WebSocket> members = ConcurrentHashMap.newKeySet();
    private final int leaveOut;
    private final AtomicInteger seen = new AtomicInteger();

    /// @param leaveOut the number of a message that comes to nobody
    Room(int leaveOut) {
      this.leaveOut = leaveOut;
    }

    @Override
    public void onOpen(WebSocket ws) {
      members.add(ws);
    }

    @Override
    public void onBinary(WebSocket ws, ByteBuffer data) {
      if (seen.incrementAndGet() != leaveOut) {
        members.forEach(member -> member.sendBinary(data));
      }
    }

    @Override
    public void onClose(WebSocket ws, int code, String reason) {
      members.remove(ws);
    }
  }

  @BeforeEach
  void start() throws IOException {
    Wrong.SEEN.set(0);
    server =
        Pollux.server()
            .io(IoModel.EPOLL)
            .loops(1)
            .webSocket("/echo", new Echo())
            .webSocket("/silent", new WebSocketHandler() {})
            .webSocket("/room", new Room(0))
            .webSocket("/leaky-room", new Room(10))
            .webSocket(
                "/flip",
                (Wrong)
                    (ws, message) -> {
                      message[message.length - 1] ^= 1;
                      ws.sendBinary(message);
                    })
            .webSocket(
                "/short",
                (Wrong) (ws, message) -> ws.sendBinary(Arrays.copyOf(message, message.length - 1)))
            .webSocket("/text", (Wrong) (ws, message) -> ws.sendText("x".repeat(message.length)))
            .webSocket(
                "/twice",
                (Wrong)
                    (ws, message) -> {
                      ws.sendBinary(message);
                      ws.sendBinary(message);
                    })
            .webSocket("/close", (Wrong) (ws, message) -> ws.close(4000, "enough"))
            .webSocket("/abort", (Wrong) (ws, message) -> ws.abort())
            .start();
  }

  @AfterEach
  void stop() {
    server.stop(Duration.ofSeconds(1));
  }

  private LoadPlan plan(String path) {
    URI uri = URI.create("ws://127.0.0.1:" + server.address().getPort() + path);
    return LoadPlan.of(uri).withTimes(100, 300, 0);
  }

  private static LoadResult run(LoadPlan plan) throws Exception {
    return Load.run(plan, LoadProgress.NONE);
  }

  private static LoadException failure(LoadPlan plan) {
    return assertThrows(LoadException.class, () -> Load.run(plan, LoadProgress.NONE));
  }

  private static void assertMeasured(LoadResult result) {
    assertTrue(result.allWell(), () -> String.valueOf(result.problem()));
    assertTrue(result.messages() > 0, result::toString);
    assertTrue(result.p50Micros() > 0, result::toString);
    assertTrue(result.p50Micros() <= result.p99Micros(), result::toString);
    assertTrue(result.p99Micros() <= result.maxMicros(), result::toString);
    assertEquals(result.messages() / result.seconds(), result.messagesPerSecond(), 1e-6);
  }

  @ParameterizedTest
  @EnumSource(IoModel.class)
  void everyModelCanLoad(IoModel model) throws Exception {
    LoadResult result = run(plan("/echo").withConnections(20, 10).withModel(model, 1));
    assertMeasured(result);
    assertEquals(20, server.statistics().sessions().opened());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 65_535, 65_536, 300_000})
  void everyEncodingOfALengthIsChecked(int bytes) throws Exception {
    assertMeasured(run(plan("/echo").withConnections(2).withPayloadBytes(bytes).withInFlight(3)));
    assertEquals("binary", kinds.peek());
  }

  @Test
  void textIsSentAsText() throws Exception {
    assertMeasured(run(plan("/echo").withText(true).withPayloadBytes(500)));
    assertEquals("text", kinds.peek());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 300, 20_000, 300_000})
  void compressedMessagesAreCheckedToo(int bytes) throws Exception {
    try (PolluxServer compressing =
        Pollux.server()
            .loops(1)
            .compression(CompressionOptions.DEFAULT)
            .webSocket("/echo", new Echo())
            .start()) {
      String base = "ws://127.0.0.1:" + compressing.address().getPort();
      LoadPlan plan =
          LoadPlan.of(URI.create(base + "/echo"))
              .withTimes(100, 300, 0)
              .withConnections(3)
              .withInFlight(4)
              .withPayloadBytes(bytes)
              .withCompressed(true);
      assertMeasured(run(plan));
    }
  }

  @Test
  void aWrongByteInACompressedMessageIsFound() throws Exception {
    try (PolluxServer compressing =
        Pollux.server()
            .loops(1)
            .compression(CompressionOptions.DEFAULT)
            .webSocket(
                "/flip",
                (Wrong)
                    (ws, message) -> {
                      message[message.length - 1] ^= 1;
                      ws.sendBinary(message);
                    })
            .start()) {
      LoadPlan plan =
          LoadPlan.of(URI.create("ws://127.0.0.1:" + compressing.address().getPort() + "/flip"))
              .withTimes(100, 10_000, 0)
              .withPayloadBytes(300)
              .withCompressed(true);
      assertEquals(Reason.DIFFERENT, failure(plan).reason());
    }
  }

  @Test
  void aServerThatDoesNotCompressIsRefused() {
    LoadException refused = failure(plan("/echo").withCompressed(true));
    assertEquals(Reason.NOT_CONNECTED, refused.reason());
    assertTrue(
        String.valueOf(refused.getMessage()).contains("did not agree to permessage-deflate"),
        refused::getMessage);
  }

  @Test
  void severalLoopsShareTheConnections() throws Exception {
    LoadPlan plan = plan("/echo").withConnections(8).withInFlight(4).withModel(IoModel.EPOLL, 2);
    LoadResult result = run(plan);
    assertMeasured(result);
    assertEquals(2, result.loops());
  }

  @Test
  void aRateIsKept() throws Exception {
    LoadResult result =
        run(
            plan("/echo")
                .withConnections(10)
                .withInFlight(100)
                .withRatePerSecond(2000)
                .withTimes(200, 4000, 0));
    assertMeasured(result);
    // What was late in one moment is made up for in the next one, unless it is the last.
    assertEquals(2000, result.messagesPerSecond(), 400);
  }

  @Test
  void whatNeverComesBackIsAStall() throws Exception {
    LoadPlan plan = plan("/silent").withRatePerSecond(1000).withTimes(0, 500, 0);
    LoadException stalled = failure(plan.withInFlight(2));
    assertEquals(Reason.STALLED, stalled.reason());
    assertEquals("2 messages had not come back 10 s after the end", stalled.getMessage());
  }

  @Test
  void aFanOutReachesAll() throws Exception {
    LoadResult result =
        run(plan("/room").withMode(Mode.FAN_OUT).withConnections(30).withInFlight(2));
    assertMeasured(result);
  }

  @Test
  void aMessageThatASubscriberMissesIsCounted() throws Exception {
    LoadResult result =
        run(
            plan("/leaky-room")
                .withMode(Mode.FAN_OUT)
                .withConnections(5)
                .withInFlight(3)
                .withTimes(0, 300, 0));
    assertEquals(5, result.missed());
    assertEquals(0, result.different());
  }

  @Test
  void idleConnectionsAreHeld() throws Exception {
    LoadResult result = run(plan("/echo").withMode(Mode.IDLE).withConnections(50));
    assertTrue(result.allWell());
    assertEquals(0, result.messages());
    assertEquals(50, server.statistics().sessions().opened());
    assertEquals(0, server.statistics().sessions().messagesIn());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/flip", "/short", "/text", "/twice"})
  void whatComesBackWronglyIsFound(String path) throws Exception {
    LoadResult result = run(plan(path).withConnections(3).withInFlight(2));
    assertEquals(1, result.different(), () -> String.valueOf(result.problem()));
    String expected =
        switch (path) {
          case "/flip" -> "byte 63 of message";
          case "/short" -> "has 63 bytes instead of 64";
          case "/text" -> "a text message instead of the other kind";
          // It is taken for the next one, unless there is none.
          default -> "message";
        };
    String problem = Objects.requireNonNull(result.problem());
    assertTrue(problem.contains(expected), problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/close", "/abort"})
  void aLostConnectionIsCountedAndTheOthersGoOn(String path) throws Exception {
    LoadResult result = run(plan(path).withConnections(3));
    assertEquals(1, result.lost());
    assertEquals(0, result.different());
    assertTrue(result.messages() > 0);
    String problem = Objects.requireNonNull(result.problem());
    assertTrue(
        path.equals("/abort") || problem.endsWith("the server closed it with 4000"), problem);
  }

  @Test
  void withoutConnectionsThereIsNoResult() {
    assertEquals(Reason.ALL_LOST, failure(plan("/close").withTimes(0, 5000, 0)).reason());
    Wrong.SEEN.set(0);
    assertEquals(Reason.DIFFERENT, failure(plan("/flip").withTimes(0, 5000, 0)).reason());
  }

  @Test
  void aRefusalSaysWhichConnectionAndWhy() {
    LoadException refused = failure(plan("/nothing").withConnections(3));
    assertEquals(Reason.NOT_CONNECTED, refused.reason());
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains("of 3 could not be opened"), message);
    assertTrue(message.contains("404 Not Found instead of 101: there is nothing at"), message);
  }

  @Test
  void aPlanOutOfRangeIsNamed() {
    LoadPlan plan = plan("/echo");
    assertThrows(IllegalArgumentException.class, () -> plan.withConnections(5, 6));
    assertThrows(IllegalArgumentException.class, () -> plan.withInFlight(0));
    assertThrows(
        IllegalArgumentException.class,
        () -> plan.withModel(IoModel.BLOCKING, 1).withRatePerSecond(5));
  }

  @Test
  void theSourcesAreTakenInTurn() throws Exception {
    LoadPlan plan = plan("/echo").withConnections(4).withSources(List.of("127.0.0.3", "127.0.0.4"));
    assertMeasured(run(plan));
    LoadException failure = failure(plan.withSources(List.of("192.0.2.1")));
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.endsWith("bind 192.0.2.1:0: EADDRNOTAVAIL"), message);
  }

  @Test
  void itWorksInAProcessOfItsOwn() throws Exception {
    LoadPlan plan = plan("/echo").withConnections(5).withServerPid(ProcessHandle.current().pid());
    try (Worker worker = Worker.start(LoadJob.class, WorkerOptions.DEFAULT)) {
      LoadResult result = worker.ask("run", Map.of("plan", plan), LoadResult.class);
      assertMeasured(result);
      assertEquals(plan, result.plan());
      assertTrue(Objects.requireNonNull(result.serverCpuShare()) > 0);
    }
  }
}
