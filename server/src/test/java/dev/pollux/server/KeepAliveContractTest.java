package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.session.KeepAlive;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Peers that are silent, on every I/O model.
@Execution(ExecutionMode.CONCURRENT)
final class KeepAliveContractTest {
  private static final Duration SHORT = Duration.ofMillis(20);
  private static final Duration LONG = Duration.ofSeconds(30);

  private final Contract handler = new Contract();

  private PolluxServer server(IoModel model, KeepAlive keepAlive) throws IOException {
    return Pollux.server()
        .io(model)
        .loops(1)
        .keepAlive(keepAlive)
        .webSocket("/echo", handler)
        .stopGrace(Duration.ofMillis(200))
        .start();
  }

  @ParameterizedTest
  @EnumSource(IoModel.class)
  void aPeerThatAnswersNothingIsDropped(IoModel model) throws IOException {
    try (PolluxServer server = server(model, KeepAlive.NONE.withPing(SHORT, SHORT));
        var client = new RawClient(server.address(), "/echo")) {
      assertEquals("ping ", client.read());
      Await.until("onClose", () -> !handler.closes.isEmpty());
      assertTrue(handler.closes.remove().startsWith("1006 "));
      assertEquals(1, server.statistics().sessions().pingTimeouts());
      assertTrue(isGone(client));
    }
  }

  private static boolean isGone(RawClient client) throws IOException {
    try {
      return client.read().equals("end");
    } catch (SocketException | EOFException e) {
      return true;
    }
  }

  @ParameterizedTest
  @EnumSource(IoModel.class)
  void aPeerThatAnswersStays(IoModel model) throws IOException {
    try (PolluxServer server = server(model, KeepAlive.NONE.withPing(SHORT, LONG));
        var client = new RawClient(server.address(), "/echo")) {
      assertEquals("ping ", client.read());
      client.write(RawClient.frame(0x8A, new byte[0]));
      client.sendText("still here");
      String next = client.read();
      while (next.equals("ping ")) {
        client.write(RawClient.frame(0x8A, new byte[0]));
        next = client.read();
      }
      assertEquals("text still here", next);
      assertEquals(0, server.statistics().sessions().pingTimeouts());
    }
  }

  @ParameterizedTest
  @EnumSource(IoModel.class)
  void aSessionWithoutMessagesIsClosed(IoModel model) throws IOException {
    try (PolluxServer server = server(model, KeepAlive.NONE.withIdleTimeout(SHORT));
        var client = new RawClient(server.address(), "/echo")) {
      assertEquals("close 1001 idle", client.read());
      client.sendClose(1001);
      assertEquals("end", client.read());
      Await.until("onClose", () -> !handler.closes.isEmpty());
      assertEquals(List.of("1001"), List.copyOf(handler.closes));
      assertEquals(1, server.statistics().sessions().idleTimeouts());
    }
  }
}
