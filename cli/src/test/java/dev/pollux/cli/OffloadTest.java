package dev.pollux.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import java.net.http.WebSocketHandshakeException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What blocking I/O in a handler does to the other clients, on one loop.
///
/// A request to the slow back-end is under way when another client sends a message; what matters is
/// whether it still is when the echo comes back.
final class OffloadTest {
  private static final int LONGER_THAN_ANY_ECHO_MILLIS = SlowBackend.MAX_DELAY_MILLIS;

  @ParameterizedTest
  @EnumSource(
      names = {"BLOCKING", "VIRTUAL"},
      mode = EnumSource.Mode.EXCLUDE)
  void blockingIoOnTheLoopHoldsUpItsOtherClients(IoModel model) throws Exception {
    try (DemoServer demo = start(model);
        Talker other = new Talker(uri(demo, "/echo"));
        Talker slow = new Talker(uri(demo, "/offload?delay=300"))) {
      slow.send("first");
      Await.until("the loop waits", () -> demo.backend().waiting() == 1);
      other.send("second");
      assertEquals("text second", other.read());
      assertEquals(0, demo.backend().waiting());
      String answer = slow.read();
      assertTrue(answer.matches("text “first” answered in \\d+ ms by its own thread, .+"), answer);
    }
  }

  @ParameterizedTest
  @EnumSource
  void offloadedItHoldsUpNobody(IoModel model) throws Exception {
    String path = "/offload?offload&delay=" + LONGER_THAN_ANY_ECHO_MILLIS;
    try (DemoServer demo = start(model);
        Talker other = new Talker(uri(demo, "/echo"));
        Talker slow = new Talker(uri(demo, path))) {
      slow.send("first");
      Await.until("another thread waits", () -> demo.backend().waiting() == 1);
      other.send("second");
      assertEquals("text second", other.read());
      assertEquals(1, demo.backend().waiting());
      demo.backend().close();
      assertTrue(slow.read().startsWith("text “first” not answered: "));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"BLOCKING", "VIRTUAL"})
  void withAThreadPerClientItHoldsUpNobodyEither(IoModel model) throws Exception {
    try (DemoServer demo = start(model);
        Talker other = new Talker(uri(demo, "/echo"));
        Talker slow = new Talker(uri(demo, "/offload?delay=" + LONGER_THAN_ANY_ECHO_MILLIS))) {
      slow.send("first");
      Await.until("the client's thread waits", () -> demo.backend().waiting() == 1);
      other.send("second");
      assertEquals("text second", other.read());
      assertEquals(1, demo.backend().waiting());
      demo.backend().close();
    }
  }

  @Test
  void answersNameTheThreadAndComeInOrder() throws Exception {
    try (DemoServer demo = start(IoModel.EPOLL);
        Talker client = new Talker(uri(demo, "/offload?offload&delay=50"))) {
      client.send(new byte[300]);
      client.send("x".repeat(100));
      String first = client.read();
      assertTrue(
          first.matches("text 300 bytes answered in \\d+ ms by another thread, .*offload-\\d+"),
          first);
      String second = client.read();
      assertTrue(second.startsWith("text “" + "x".repeat(80) + "…” answered in "), second);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"delay=10001", "delay=-1", "delay=soon", "delay=", "slow", "offload&"})
  void aQueryThatMeansNothingIsRefused(String query) throws Exception {
    try (DemoServer demo = start(IoModel.EPOLL)) {
      var refused =
          assertThrows(
              ExecutionException.class, () -> new Talker(uri(demo, "/offload?" + query)).close());
      var handshake = assertInstanceOf(WebSocketHandshakeException.class, refused.getCause());
      assertEquals(400, handshake.getResponse().statusCode());
    }
  }

  private static DemoServer start(IoModel model) throws Exception {
    return DemoServer.start(server -> server.io(model).loops(1));
  }

  private static String uri(DemoServer demo, String path) {
    return "ws://" + demo.hostAndPort() + path;
  }
}
