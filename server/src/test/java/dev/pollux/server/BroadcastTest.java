package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pollux.net.IoModel;
import dev.pollux.net.SharedOutput;
import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(600)
class BroadcastTest {
  private static final int SUBSCRIBERS = 40;

  @ParameterizedTest
  @EnumSource
  void oneMessageReachesAllTheOthersFromAHandlerAndFromAnotherThread(IoModel model)
      throws Exception {
    long heldBefore = SharedOutput.heldBytes();
    CompletableFuture<PolluxServer> started = new CompletableFuture<>();
    AtomicInteger open = new AtomicInteger();
    WebSocketHandler handler =
        new WebSocketHandler() {
          @Override
          public void onOpen(WebSocket ws) {
            open.incrementAndGet();
          }

          @Override
          public void onMessage(WebSocket ws, Message message) {
            ws.sendText("told " + started.join().broadcast(message, other -> !other.equals(ws)));
          }
        };
    List<RawClient> clients = new ArrayList<>();
    try (PolluxServer server = Pollux.server().io(model).webSocket("/room", handler).start()) {
      started.complete(server);
      for (int i = 0; i <= SUBSCRIBERS; i++) {
        clients.add(new RawClient(server.address(), "/room"));
      }
      Await.until("all to be open", () -> open.get() == SUBSCRIBERS + 1);
      RawClient publisher = clients.removeLast();
      publisher.sendText("grüße");
      assertEquals("text told " + SUBSCRIBERS, publisher.read());
      for (RawClient client : clients) {
        assertEquals("text grüße", client.read());
      }
      byte[] large = new byte[200_000];
      new Random(large.length).nextBytes(large);
      assertEquals(SUBSCRIBERS + 1, server.broadcastBinary(ByteBuffer.wrap(large), ws -> true));
      assertEquals(0, server.broadcastText("nobody", ws -> ws.path().equals("/elsewhere")));
      clients.add(publisher);
      for (RawClient client : clients) {
        assertEquals("binary 200000", client.read());
        assertArrayEquals(large, client.lastPayload());
      }
      // Before the server stops, which else waits for their Close.
      for (RawClient client : clients) {
        client.close();
      }
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
    Await.until("shared output to be let go", () -> SharedOutput.heldBytes() == heldBefore);
  }
}
