package dev.pollux.cli;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The JDK's WebSocket client, with what arrives as strings: `text ...`, `binary` and its length,
/// `close` and its code, `error ...`.
final class Talker implements WebSocket.Listener, AutoCloseable {
  /// Not how long anything takes, but after how long it never will: a machine may be busy.
  static final int DEADLINE_SECONDS = 120;

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();
  private final StringBuilder partialText = new StringBuilder();
  private int partialBytes;
  private final WebSocket socket;

  Talker(String uri) throws Exception {
    socket =
        HTTP.newWebSocketBuilder()
            .buildAsync(URI.create(uri), this)
            .get(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  void send(String text) throws Exception {
    socket.sendText(text, true).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  void send(byte[] bytes) throws Exception {
    socket.sendBinary(ByteBuffer.wrap(bytes), true).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  String read() throws InterruptedException {
    String next = arrived.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
    assertNotNull(next, "nothing arrived");
    return next;
  }

  @Override
  public void close() {
    socket.abort();
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket ws, CharSequence data, boolean last) {
    partialText.append(data);
    if (last) {
      arrived.add("text " + partialText);
      partialText.setLength(0);
    }
    ws.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket ws, ByteBuffer data, boolean last) {
    partialBytes += data.remaining();
    if (last) {
      arrived.add("binary " + partialBytes);
      partialBytes = 0;
    }
    ws.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket ws, int code, String reason) {
    arrived.add("close " + code);
    return null;
  }

  @Override
  public void onError(WebSocket ws, Throwable error) {
    arrived.add("error " + error);
  }
}
