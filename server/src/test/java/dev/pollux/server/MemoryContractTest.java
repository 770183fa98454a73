package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.net.MemoryBudget;
import dev.pollux.session.Message;
import dev.pollux.session.OutputPolicy;
import dev.pollux.session.SendStatus;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What peers may cause a server to hold, on every I/O model: the budget's steps, one after the
/// other, and that all of it is given back.
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class MemoryContractTest {
  private static final long LIMIT = 64L << 20;

  private final MemoryBudget budget = MemoryBudget.ofBytes(LIMIT);
  private final List<RawClient> clients = new ArrayList<>();
  private final Echo handler = new Echo();

  /// Keeps what was opened, and echoes.
  private static final class Echo implements WebSocketHandler {
    final Queue<WebSocket> open = new ConcurrentLinkedQueue<>();

    @Override
    public void onOpen(WebSocket ws) {
      open.add(ws);
    }

    @Override
    public void onMessage(WebSocket ws, Message message) {
      ws.send(message);
    }
  }

  @AfterEach
  void closeClients() throws IOException {
    for (RawClient client : clients) {
      client.close();
    }
  }

  private PolluxServer server(IoModel model) throws IOException {
    return Pollux.server()
        .io(model)
        .loops(1)
        .engine(options -> options.withMemory(budget))
        .output(OutputPolicy.DEFAULT.withPauseReading(false))
        .webSocket("/", handler)
        .stopGrace(Duration.ofMillis(200))
        .start();
  }

  private RawClient connect(PolluxServer server) throws IOException {
    RawClient client = new RawClient(server.address(), "/");
    clients.add(client);
    return client;
  }

  /// Has so much of the budget used, by the test itself.
  private void use(int percent) {
    long wanted = LIMIT / 100 * percent;
    long now = budget.usedBytes();
    if (wanted > now) {
      budget.charge(wanted - now);
    } else {
      budget.release(now - wanted);
    }
  }

  private static byte[] beginning(int announced, int sent) {
    byte[] frame = RawClient.frame(0x82, new byte[announced]);
    return Arrays.copyOf(frame, frame.length - announced + sent);
  }

  private static void assertServed(RawClient client, String text) throws IOException {
    client.sendText(text);
    assertEquals("text " + text, client.read());
  }

  @ParameterizedTest
  @EnumSource
  void whatIsAnnouncedCostsNothingAndWhatWasGatheredIsGivenBack(IoModel model) throws Exception {
    try (PolluxServer server = server(model)) {
      for (int i = 0; i < 100; i++) {
        assertServed(connect(server), "one");
      }
      // Under `blocking` each has a receive buffer of its own.
      long before = budget.usedBytes();
      List<RawClient> greedy = clients.subList(1, clients.size());
      for (RawClient client : greedy) {
        client.write(beginning(400_000, 1));
      }
      assertServed(clients.getFirst(), "two");
      long announced = budget.usedBytes() - before;
      assertTrue(announced <= 2 << 20, announced + " bytes are held for 99 bytes");
      for (RawClient client : greedy.subList(0, 60)) {
        client.write(new byte[200_000]);
      }
      Await.until("it is gathered", () -> budget.usedBytes() - before >= 60 * 200_000);
      closeClients();
      // Some is kept at hand.
      Await.until("it is given back", () -> budget.usedBytes() - before <= 6 << 20);
    }
  }

  @ParameterizedTest
  @EnumSource
  void firstNoLargeMessageIsGathered(IoModel model) throws Exception {
    try (PolluxServer server = server(model)) {
      RawClient quiet = connect(server);
      RawClient large = connect(server);
      use(72);
      large.write(beginning(200_000, 150_000));
      String told = large.read();
      assertTrue(told.startsWith("close 1013 a message has at least "), told);
      quiet.write(beginning(20_000, 10_000));
      quiet.write(new byte[10_000]);
      quiet.read();
      assertEquals(1, server.statistics().memory().gathersRefused());
      use(50);
      connect(server).write(RawClient.frame(0x82, new byte[200_000]));
      clients.getLast().read();
      assertEquals(200_000, clients.getLast().lastPayload().length);
    }
  }

  @ParameterizedTest
  @EnumSource
  void thenWhoHasMostPendingIsDealtWithByThePolicy(IoModel model) throws Exception {
    try (PolluxServer server = server(model)) {
      RawClient quiet = connect(server);
      assertServed(quiet, "one");
      handler.open.clear();
      RawClient slow = connect(server);
      WebSocket toSlow = handler.open.remove();
      ByteBuffer kilobytes = ByteBuffer.allocate(30_000);
      int sent = 0;
      while (toSlow.pendingOutput() < 400_000) {
        assertTrue(toSlow.sendBinary(kilobytes.duplicate()) != SendStatus.DROPPED);
        sent++;
        Thread.onSpinWait();
      }
      // Of 1 MiB there are 20 % left.
      use(87);
      assertEquals(SendStatus.DROPPED, toSlow.sendBinary(kilobytes.duplicate()));
      assertTrue(server.statistics().memory().outputRefused() > 0);
      assertServed(quiet, "two");
      use(10);
      assertTrue(toSlow.sendBinary(kilobytes.duplicate()) != SendStatus.DROPPED);
      for (int i = 0; i <= sent; i++) {
        slow.read();
        assertEquals(30_000, slow.lastPayload().length, "what was accepted comes");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void thenNewcomersAreRefusedInWords(IoModel model) throws Exception {
    try (PolluxServer server = server(model)) {
      RawClient quiet = connect(server);
      assertServed(quiet, "one");
      use(94);
      try (RawClient late = new RawClient(server.address(), 0)) {
        late.write(RawClient.handshake("/"));
        String answer = late.readAll();
        assertTrue(answer.startsWith("HTTP/1.1 503 "), answer);
        assertTrue(answer.contains("no memory for another connection"), answer);
      }
      assertEquals(1, server.statistics().memory().newcomersRefused());
      assertServed(quiet, "two");
      use(10);
      assertServed(connect(server), "three");
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoHasNoMemoryEndsAndNobodyElse(IoModel model) throws Exception {
    try (PolluxServer server = server(model)) {
      RawClient quiet = connect(server);
      assertServed(quiet, "one");
      RawClient greedy = connect(server);
      // A message of which a part is held, in a size that nobody has used.
      greedy.write(beginning(5_000, 3_000));
      Await.until("it is gathered", () -> server.statistics().memory().usedBytes() > 0);
      assertServed(quiet, "two");
      use(100);
      try {
        greedy.write(new byte[1_500]);
        greedy.read();
      } catch (IOException e) {
        // It was reset.
      }
      Await.until("it has ended", () -> server.statistics().sessions().open() == 1);
      assertServed(quiet, "three");
    }
  }
}
