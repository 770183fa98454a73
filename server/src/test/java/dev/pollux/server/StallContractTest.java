package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.session.KeepAlive;
import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A handler holds the loop for longer than the deadlines of others: who has answered meanwhile is
/// served on, and who has not is dropped. On models without a loop nobody is held.
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StallContractTest {
  private static final Duration DEADLINE = Duration.ofSeconds(2);
  private static final Duration NEVER = Duration.ofSeconds(100);
  private static final int CLIENTS = 60;

  private final Stalling handler = new Stalling();
  private final List<RawClient> clients = new ArrayList<>();

  /// Holds its thread when it is told so, until it is let go.
  private static final class Stalling implements WebSocketHandler {
    final CountDownLatch held = new CountDownLatch(1);
    final CountDownLatch goOn = new CountDownLatch(1);
    final Queue<WebSocket> open = new ConcurrentLinkedQueue<>();
    final Queue<Integer> closes = new ConcurrentLinkedQueue<>();

    @Override
    public void onOpen(WebSocket ws) {
      open.add(ws);
    }

    @Override
    public void onMessage(WebSocket ws, Message message) {
      if (message.text().equals("hold")) {
        held.countDown();
        try {
          goOn.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      ws.send(message);
    }

    @Override
    public void onClose(WebSocket ws, int code, String reason) {
      closes.add(code);
    }
  }

  @AfterEach
  void closeClients() throws IOException {
    handler.goOn.countDown();
    for (RawClient client : clients) {
      client.close();
    }
  }

  private ServerBuilder server(IoModel model) {
    return Pollux.server()
        .io(model)
        .loops(1)
        .keepAlive(KeepAlive.NONE)
        .handshakeTimeout(NEVER)
        .closeTimeout(NEVER)
        .webSocket("/", handler)
        .stopGrace(Duration.ofMillis(200));
  }

  private RawClient connect(PolluxServer server) throws IOException {
    RawClient client = new RawClient(server.address(), "/");
    clients.add(client);
    return client;
  }

  private void hold(RawClient holder) throws Exception {
    holder.sendText("hold");
    handler.held.await();
  }

  /// Lets the loop go when `deadline`, begun now, is surely over.
  private void goOnAfter(Duration deadline) {
    long end = System.nanoTime() + deadline.toNanos() * 3 / 2;
    while (System.nanoTime() - end < 0) {
      LockSupport.parkNanos(1_000_000);
    }
    handler.goOn.countDown();
  }

  @ParameterizedTest
  @EnumSource
  void pongsThatLieInTheSocketsAreSeen(IoModel model) throws Exception {
    Duration interval = Duration.ofMillis(400);
    try (PolluxServer server =
        server(model).keepAlive(KeepAlive.NONE.withPing(interval, DEADLINE)).start()) {
      RawClient holder = connect(server);
      for (int i = 0; i < CLIENTS; i++) {
        connect(server);
      }
      List<RawClient> pinged = clients.subList(1, clients.size());
      for (RawClient client : pinged) {
        assertEquals("ping ", client.read());
      }
      assertEquals("ping ", holder.read());
      write(holder, RawClient.frame(0x8A, new byte[0]));
      hold(holder);
      long before = server.statistics().sessions().pingTimeouts();
      byte[] pong = RawClient.frame(0x8A, new byte[0]);
      for (int i = 1; i < CLIENTS; i++) {
        write(pinged.get(i), pong);
      }
      goOnAfter(DEADLINE);
      Await.until(
          "the one that has not answered is dropped",
          () -> server.statistics().sessions().pingTimeouts() > before);
      // On a busy machine some may have been late before the loop was held.
      int alive = 0;
      for (int i = 1; i < CLIENTS; i++) {
        alive += isServed(pinged.get(i)) ? 1 : 0;
      }
      assertTrue(
          alive >= CLIENTS - 1 - before,
          alive + " of " + (CLIENTS - 1) + " are served, " + before + " were dropped before");
    }
  }

  private static void write(RawClient client, byte[] bytes) {
    try {
      client.write(bytes);
    } catch (IOException e) {
      // It was dropped before.
    }
  }

  private static boolean isServed(RawClient client) {
    try {
      client.sendText("here");
      String next = client.read();
      while (next.equals("ping ")) {
        client.write(RawClient.frame(0x8A, new byte[0]));
        next = client.read();
      }
      return next.equals("text here");
    } catch (IOException e) {
      return false;
    }
  }

  @ParameterizedTest
  @EnumSource
  void handshakesThatLieInTheSocketsAreAnswered(IoModel model) throws Exception {
    byte[] head = RawClient.handshake("/");
    try (PolluxServer server = server(model).handshakeTimeout(DEADLINE).start()) {
      RawClient holder = connect(server);
      for (int i = 0; i <= CLIENTS; i++) {
        RawClient client = new RawClient(server.address(), 0);
        clients.add(client);
        client.write(Arrays.copyOf(head, 20));
      }
      Await.until(
          "all are accepted", () -> server.statistics().engine().accepted() >= clients.size());
      hold(holder);
      long before = server.statistics().handshakeTimeouts();
      for (int i = 2; i < clients.size(); i++) {
        write(clients.get(i), Arrays.copyOfRange(head, 20, head.length));
      }
      goOnAfter(DEADLINE);
      Await.until(
          "the one whose handshake is not complete is told so",
          () -> server.statistics().handshakeTimeouts() > before);
      int opened = 0;
      for (int i = 2; i < clients.size(); i++) {
        opened += isOpened(clients.get(i)) ? 1 : 0;
      }
      assertTrue(
          opened >= CLIENTS - before,
          opened + " of " + CLIENTS + " are opened, " + before + " were refused before");
      assertTrue(clients.get(1).readAll().startsWith("HTTP/1.1 408 "));
    }
  }

  private static boolean isOpened(RawClient client) {
    try {
      return client.readHead().startsWith("HTTP/1.1 101 ");
    } catch (IOException e) {
      return false;
    }
  }

  @ParameterizedTest
  @EnumSource
  void closeFramesThatLieInTheSocketsAreSeen(IoModel model) throws Exception {
    try (PolluxServer server = server(model).closeTimeout(DEADLINE).start()) {
      RawClient holder = connect(server);
      for (int i = 0; i <= CLIENTS; i++) {
        connect(server);
      }
      Await.until("all are open", () -> handler.open.size() == clients.size());
      List<WebSocket> closing = new ArrayList<>(handler.open);
      closing.stream().skip(1).forEach(ws -> ws.close(4000, "enough"));
      for (RawClient client : clients.subList(1, clients.size())) {
        assertEquals("close 4000 enough", client.read());
      }
      hold(holder);
      long before = server.statistics().sessions().closeTimeouts();
      for (int i = 2; i < clients.size(); i++) {
        write(clients.get(i), RawClient.frame(0x88, new byte[] {0x0f, (byte) 0xa0}));
      }
      goOnAfter(DEADLINE);
      Await.until("all are closed", () -> handler.closes.size() == CLIENTS + 1);
      long wellClosed = handler.closes.stream().filter(code -> code == 4000).count();
      assertTrue(
          wellClosed >= CLIENTS - before,
          wellClosed + " of " + CLIENTS + " closed well, " + before + " were given up before");
      assertTrue(server.statistics().sessions().closeTimeouts() > before);
    }
  }
}
