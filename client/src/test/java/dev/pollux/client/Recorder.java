package dev.pollux.client;

import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A handler that writes down what it is told.
final class Recorder implements WebSocketHandler {
  final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  final List<byte[]> binaries = new CopyOnWriteArrayList<>();

  @Override
  public void onOpen(WebSocket ws) {
    events.add("open " + ws.path() + "?" + ws.query() + " " + ws.subprotocol());
  }

  @Override
  public void onMessage(WebSocket ws, Message message) {
    if (message.isText()) {
      events.add("text " + message.text());
    } else {
      binaries.add(message.toByteArray());
      events.add("binary " + message.length());
    }
  }

  @Override
  public void onClose(WebSocket ws, int code, String reason) {
    events.add(("close " + code + " " + reason).strip());
  }

  /// The next event.
  String next() throws InterruptedException {
    String event = events.poll(120, TimeUnit.SECONDS);
    return event == null ? "nothing within 30 s" : event;
  }
}
