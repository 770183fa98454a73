package dev.pollux.cli;

import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;

/// Sends every message back as it is: no string is made of it, and nothing is allocated.
final class EchoHandler implements WebSocketHandler {

  @Override
  public void onMessage(WebSocket ws, Message message) {
    ws.send(message);
  }
}
