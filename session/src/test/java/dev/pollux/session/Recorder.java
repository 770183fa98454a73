package dev.pollux.session;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// A handler that writes down what it is told. Tests change what it does by overriding.
class Recorder implements WebSocketHandler {
  final List<String> events = new ArrayList<>();

  /// What happened since the last call.
  List<String> take() {
    List<String> taken = List.copyOf(events);
    events.clear();
    return taken;
  }

  @Override
  public void onOpen(WebSocket ws) {
    events.add("open");
  }

  @Override
  public void onText(WebSocket ws, String text) {
    events.add("text " + text);
  }

  @Override
  public void onBinary(WebSocket ws, ByteBuffer data) {
    events.add("binary " + data.remaining());
  }

  @Override
  public void onDrain(WebSocket ws) {
    events.add("drain");
  }

  @Override
  public void onClose(WebSocket ws, int code, String reason) {
    events.add(("close " + code + " " + reason).strip());
  }

  @Override
  public void onError(WebSocket ws, Throwable cause) {
    events.add("error " + cause.getMessage());
  }

  /// Sends back what comes.
  static class Echo extends Recorder {
    @Override
    public void onMessage(WebSocket ws, Message message) {
      events.add((message.isText() ? "text " : "binary ") + ws.send(message));
    }
  }
}
