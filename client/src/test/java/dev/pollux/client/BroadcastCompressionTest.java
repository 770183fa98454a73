package dev.pollux.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.net.SharedOutput;
import dev.pollux.server.Pollux;
import dev.pollux.server.PolluxServer;
import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import dev.pollux.websocket.CompressionOptions;
import dev.pollux.websocket.DeflateStatistics;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// One message for many is compressed once for all that agreed to it, whatever they have heard
/// before.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BroadcastCompressionTest {
  private static final int COMPRESSING = 6;
  private static final int PLAIN = 2;

  private static final class Listener implements WebSocketHandler {
    final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @Override
    public void onMessage(WebSocket ws, Message message) {
      heard.add(message.isText() ? message.text() : "binary " + message.toByteArray().length);
    }

    void assertHears(String expected) throws InterruptedException {
      assertEquals(expected, heard.poll(120, TimeUnit.SECONDS));
    }
  }

  @ParameterizedTest
  @CsvSource({"EPOLL, true", "EPOLL, false", "BLOCKING, true", "IO_URING, true", "VIRTUAL, false"})
  void aMessageForManyIsCompressedOnce(IoModel model, boolean takeover) throws Exception {
    CompressionOptions options =
        CompressionOptions.DEFAULT.withContextTakeover(takeover, takeover).withThresholdBytes(64);
    long held = SharedOutput.heldBytes();
    CountDownLatch open = new CountDownLatch(COMPRESSING + PLAIN);
    List<Listener> listeners = new ArrayList<>();
    WebSocketHandler greeting =
        new WebSocketHandler() {
          @Override
          public void onOpen(WebSocket ws) {
            // Each one's history is its own before the first broadcast.
            ws.sendText(("hello " + ws.remoteAddress() + ", ").repeat(20));
            open.countDown();
          }

          @Override
          public void onMessage(WebSocket ws, Message message) {
            ws.send(message);
          }
        };
    try (PolluxServer server =
            Pollux.server().io(model).compression(options).webSocket("/room", greeting).start();
        PolluxClient compressing = PolluxClient.builder().compression(options).start();
        PolluxClient plain = PolluxClient.builder().noCompression().start()) {
      URI room = URI.create("ws://127.0.0.1:" + server.address().getPort() + "/room");
      List<WebSocket> sockets = new ArrayList<>();
      for (int i = 0; i < COMPRESSING + PLAIN; i++) {
        Listener listener = new Listener();
        listeners.add(listener);
        PolluxClient client = i < COMPRESSING ? compressing : plain;
        WebSocket ws = client.connect(room, listener).get(120, TimeUnit.SECONDS);
        assertEquals(i < COMPRESSING, ws.compression() != null);
        sockets.add(ws);
      }
      assertTrue(open.await(120, TimeUnit.SECONDS));
      for (Listener listener : listeners) {
        assertTrue(String.valueOf(listener.heard.poll(120, TimeUnit.SECONDS)).startsWith("hello "));
      }

      for (int round = 0; round < 5; round++) {
        String text = ("round " + round + " of words that come again and again, ").repeat(30);
        DeflateStatistics before = server.statistics().sessions().compression();
        assertEquals(COMPRESSING + PLAIN, server.broadcastText(text, ws -> true));
        for (Listener listener : listeners) {
          listener.assertHears(text);
        }
        DeflateStatistics after = server.statistics().sessions().compression();
        assertEquals(1, after.compressions() - before.compressions());
        assertEquals(COMPRESSING, after.messagesOut() - before.messagesOut());
        assertEquals(
            (long) COMPRESSING * text.length(),
            after.inflatedBytesOut() - before.inflatedBytesOut());
        long deflated = after.deflatedBytesOut() - before.deflatedBytesOut();
        assertTrue(deflated < (long) COMPRESSING * text.length() / 4, () -> deflated + " bytes");
        // What one alone is sent next must not lean on what its peer has forgotten.
        sockets.get(round).sendText(text + round);
        listeners.get(round).assertHears(text + round);
      }

      // Nobody among those who are sent it has agreed to compression: nothing is compressed.
      String forPlain = "only for those without compression, ".repeat(20);
      DeflateStatistics unused = server.statistics().sessions().compression();
      assertEquals(PLAIN, server.broadcastText(forPlain, ws -> ws.compression() == null));
      for (Listener listener : listeners.subList(COMPRESSING, COMPRESSING + PLAIN)) {
        listener.assertHears(forPlain);
      }
      assertEquals(unused, server.statistics().sessions().compression());

      byte[] random = new byte[5000];
      new Random(5).nextBytes(random);
      DeflateStatistics before = server.statistics().sessions().compression();
      server.broadcastBinary(ByteBuffer.wrap(random), ws -> true);
      server.broadcastText("short", ws -> true);
      for (Listener listener : listeners) {
        listener.assertHears("binary 5000");
        listener.assertHears("short");
      }
      // It became no shorter, and the other one is below the threshold.
      DeflateStatistics after = server.statistics().sessions().compression();
      assertEquals(0, after.messagesOut() - before.messagesOut());
    }
    assertNull(listeners.getFirst().heard.poll());
    assertEquals(held, SharedOutput.heldBytes());
  }
}
