package dev.pollux.cli;

import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The one connection of `pollux connect`: says what arrives, and knows how it ended.
final class Talk implements WebSocketHandler {
  private static final int NORMAL = 1000;
  private static final int GOING_AWAY = 1001;

  private final ConnectOutput output;
  private final int count;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicLong lastMessageNanos = new AtomicLong(System.nanoTime());
  private final AtomicLong pingNanos = new AtomicLong();
  private volatile @Nullable Runnable whenEnded;
  private volatile boolean closing;
  private volatile int closeCode;
  private int received;

  /// @param count closes after so many messages
  Talk(ConnectOutput output, int count) {
    this.output = output;
    this.count = count;
  }

  ConnectOutput output() {
    return output;
  }

  @Override
  public void onOpen(WebSocket ws) {
    output.opened(
        ws.path() + (ws.query() == null ? "" : "?" + ws.query()),
        Objects.requireNonNullElse(ws.subprotocol(), ""),
        ws.compression());
  }

  @Override
  public void onMessage(WebSocket ws, Message message) {
    lastMessageNanos.set(System.nanoTime());
    output.message(message);
    if (++received >= count) {
      close(ws, NORMAL, "");
    }
  }

  /// Sends a ping whose pong is told with its time.
  void ping(WebSocket ws, ByteBuffer data) {
    pingNanos.set(System.nanoTime());
    ws.ping(data);
  }

  @Override
  public void onPong(WebSocket ws, ByteBuffer data) {
    long sent = pingNanos.getAndSet(0);
    // Else it answers the keep-alive.
    if (sent != 0) {
      output.pong(data, System.nanoTime() - sent);
    }
  }

  @Override
  public void onClose(WebSocket ws, int code, String reason) {
    closeCode = code;
    output.closed(code, reason);
    ended.countDown();
    Runnable told = whenEnded;
    if (told != null) {
      told.run();
    }
  }

  /// Closes, as this side's own wish.
  void close(WebSocket ws, int code, String reason) {
    closing = true;
    ws.close(code, reason);
  }

  void whenEnded(Runnable task) {
    whenEnded = task;
    if (hasEnded()) {
      task.run();
    }
  }

  boolean hasEnded() {
    return ended.getCount() == 0;
  }

  /// How long ago the last message came.
  long quietNanos() {
    return System.nanoTime() - lastMessageNanos.get();
  }

  /// Whether it ended in that time.
  boolean awaitEnd(Duration time) throws InterruptedException {
    return ended.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  /// What the command ends with.
  int exitCode() {
    boolean asAgreed = closeCode == NORMAL || closeCode == GOING_AWAY;
    boolean ownWish = closing && closeCode != 1006;
    return asAgreed || ownWish ? ExitCode.OK : ExitCode.LOST;
  }
}
