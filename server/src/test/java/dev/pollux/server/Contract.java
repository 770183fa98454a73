package dev.pollux.server;

import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The handler of the contract: echoes, and does as a text that begins with `/` says.
class Contract implements WebSocketHandler {
  final Queue<String> closes = new ConcurrentLinkedQueue<>();
  final AtomicInteger drains = new AtomicInteger();
  final AtomicInteger mostPending = new AtomicInteger();
  volatile @Nullable WebSocket last;
  private final ThreadLocal<Boolean> inside = ThreadLocal.withInitial(() -> false);

  @Override
  public void onOpen(WebSocket ws) {
    last = ws;
  }

  @Override
  public void onMessage(WebSocket ws, Message message) {
    if (inside.get()) {
      throw new IllegalStateException("a callback within a callback");
    }
    inside.set(true);
    try {
      if (message.isText() && message.length() > 0 && message.bytes().get(0) == '/') {
        command(ws, message.text());
      } else {
        ws.send(message);
        mostPending.accumulateAndGet(ws.pendingOutput(), Math::max);
      }
    } finally {
      inside.set(false);
    }
  }

  private static void command(WebSocket ws, String text) {
    switch (text) {
      case "/fail" -> throw new IllegalArgumentException("a secret");
      case "/close" -> ws.close(4002, "as told");
      case "/abort" -> ws.abort();
      default -> throw new IllegalArgumentException(text);
    }
  }

  @Override
  public void onDrain(WebSocket ws) {
    drains.incrementAndGet();
  }

  @Override
  public void onClose(WebSocket ws, int code, String reason) {
    closes.add((code + " " + reason).strip());
  }
}
