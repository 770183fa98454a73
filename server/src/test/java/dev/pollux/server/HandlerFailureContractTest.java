package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pollux.net.IoModel;
import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Wherever an open WebSocket's handler throws, whatever it throws, on every I/O model: that
/// WebSocket is closed with 1011, the failure is told once and counted, and nobody else notices.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class HandlerFailureContractTest {
  private static final int MUCH_BYTES = 400_000;

  enum Place {
    ON_OPEN,
    ON_MESSAGE,
    ON_ERROR_TOO,
    ON_PONG,
    ON_DRAIN,
    TASK,
    PREDICATE,
    WORK,
    OUTCOME,
    FAILED_OUTCOME,
    ON_CLOSE
  }

  private static final class Troubled implements WebSocketHandler {
    final CompletableFuture<PolluxServer> server = new CompletableFuture<>();
    final Queue<String> told = new ConcurrentLinkedQueue<>();

    /// The query is the kind.
    private static void failAt(Place here, WebSocket ws) {
      if (ws.path().equals("/" + here)) {
        Failing.valueOf(Objects.requireNonNull(ws.query())).fail();
      }
    }

    @Override
    public void onOpen(WebSocket ws) {
      failAt(Place.ON_OPEN, ws);
    }

    @Override
    public void onMessage(WebSocket ws, Message message) {
      failAt(Place.ON_MESSAGE, ws);
      failAt(Place.ON_ERROR_TOO, ws);
      switch (ws.path()) {
        case "/TASK" -> ws.execute(() -> failAt(Place.TASK, ws));
        case "/WORK" ->
            ws.offload(
                () -> {
                  failAt(Place.WORK, ws);
                  return 1;
                },
                one -> {});
        case "/OUTCOME" -> ws.offload(() -> 1, one -> failAt(Place.OUTCOME, ws));
        case "/FAILED_OUTCOME" ->
            ws.offload(
                () -> {
                  throw new IllegalStateException("a secret");
                },
                one -> {},
                failed -> failAt(Place.FAILED_OUTCOME, ws));
        case "/PREDICATE" ->
            server
                .join()
                .broadcastText(
                    "to nobody",
                    other -> {
                      failAt(Place.PREDICATE, ws);
                      return false;
                    });
        case "/ON_DRAIN" -> ws.sendBinary(new byte[MUCH_BYTES]);
        case "/ON_CLOSE" -> ws.close(4000, "as told");
        default -> ws.send(message);
      }
    }

    @Override
    public void onPong(WebSocket ws, ByteBuffer data) {
      failAt(Place.ON_PONG, ws);
    }

    @Override
    public void onDrain(WebSocket ws) {
      failAt(Place.ON_DRAIN, ws);
    }

    @Override
    public void onError(WebSocket ws, Throwable cause) {
      told.add("error");
      failAt(Place.ON_ERROR_TOO, ws);
    }

    @Override
    public void onClose(WebSocket ws, int code, String reason) {
      told.add("close " + code);
      failAt(Place.ON_CLOSE, ws);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aHandlerThatThrowsLosesItsWebSocketOnly(IoModel model) throws Exception {
    OwnResources before = OwnResources.now();
    Troubled handler = new Troubled();
    ServerBuilder builder =
        Pollux.server()
            .io(model)
            .loops(2)
            .stopGrace(Duration.ofMillis(200))
            .webSocket("/echo", handler);
    for (Place place : Place.values()) {
      builder.webSocket("/" + place, handler);
    }
    try (PolluxServer server = builder.start();
        RawClient one = new RawClient(server.address(), "/echo");
        RawClient two = new RawClient(server.address(), "/echo")) {
      handler.server.complete(server);
      int failures = 0;
      for (Place place : Place.values()) {
        for (Failing how :
            new Failing[] {
              Failing.RUNTIME,
              Failing.CHECKED,
              Failing.ERROR,
              Failing.OUT_OF_MEMORY,
              Failing.STACK_OVERFLOW,
              Failing.WITHOUT_A_TEXT
            }) {
          String what = place + " " + how;
          try {
            failsAt(place, how, server, handler, what);
          } catch (IOException e) {
            throw new AssertionError(what, e);
          }
          failures++;
          for (RawClient other : new RawClient[] {one, two}) {
            other.sendText(what);
            assertEquals("text " + what, other.read());
          }
          assertEquals(failures, server.statistics().sessions().handlerFailures(), what);
        }
      }
      assertEquals(0, server.statistics().engine().failures());
      Await.until("two sessions", () -> server.statistics().sessions().open() == 2);
    }
    Await.untilEmpty("threads and descriptors left behind", before::moreNow);
  }

  private static void failsAt(
      Place place, Failing how, PolluxServer server, Troubled handler, String what)
      throws Exception {
    handler.told.clear();
    try (RawClient victim = new RawClient(server.address(), "/" + place + "?" + how)) {
      switch (place) {
        case ON_OPEN -> {}
        case ON_PONG -> victim.write(RawClient.frame(0x8A, new byte[0]));
        default -> victim.sendText("fail");
      }
      if (place == Place.ON_DRAIN) {
        assertEquals("binary " + MUCH_BYTES, victim.read());
      }
      int code = place == Place.ON_CLOSE ? 4000 : 1011;
      assertEquals(
          place == Place.ON_CLOSE ? "close 4000 as told" : "close 1011", victim.read(), what);
      victim.sendClose(code);
      assertEquals("end", victim.read(), what);
      // Else the server waits for its FIN.
      victim.halfClose();
      Await.until(what + ": two are left", () -> server.statistics().engine().connections() == 2);
      String told = place == Place.ON_CLOSE ? "[close 4000]" : "[error, close 1011]";
      Await.until(told, () -> handler.told.toString().equals(told));
    }
  }
}
