package dev.pollux.lab.service;

import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.io.IOException;
import java.io.UncheckedIOException;

/// Answers each text after a blocking request to the [SlowBackend], which takes as many
/// milliseconds as the text says: on the WebSocket's own thread, or on another one.
final class SlowHandler implements WebSocketHandler {
  private final int backendPort;
  private final boolean away;

  SlowHandler(int backendPort, boolean away) {
    this.backendPort = backendPort;
    this.away = away;
  }

  @Override
  public void onText(WebSocket ws, String text) {
    if (!away) {
      ws.sendText(request(text));
    } else if (!ws.offload(() -> request(text), ws::sendText)) {
      ws.close(1013, "too many wait");
    }
  }

  private String request(String text) {
    try {
      SlowBackend.request(backendPort, Integer.parseInt(text));
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
