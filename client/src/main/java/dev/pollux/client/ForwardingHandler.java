package dev.pollux.client;

import dev.pollux.session.Message;
import dev.pollux.session.StreamingHandler;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/// Hands everything on to an application's handler, and tells a [Reconnecting] of the beginning,
/// before the handler, and of the end, behind it.
class ForwardingHandler implements WebSocketHandler {
  private final WebSocketHandler handler;
  private final Consumer<WebSocket> opened;
  private final IntConsumer closed;

  /// One that takes messages in parts if `handler` does.
  static ForwardingHandler to(
      WebSocketHandler handler, Consumer<WebSocket> opened, IntConsumer closed) {
    return handler instanceof StreamingHandler streaming
        ? new ForwardingStreamingHandler(streaming, opened, closed)
        : new ForwardingHandler(handler, opened, closed);
  }

  ForwardingHandler(WebSocketHandler handler, Consumer<WebSocket> opened, IntConsumer closed) {
    this.handler = handler;
    this.opened = opened;
    this.closed = closed;
  }

  @Override
  public void onOpen(WebSocket ws) {
    opened.accept(ws);
    handler.onOpen(ws);
  }

  @Override
  public void onMessage(WebSocket ws, Message message) {
    handler.onMessage(ws, message);
  }

  @Override
  public void onText(WebSocket ws, String text) {
    handler.onText(ws, text);
  }

  @Override
  public void onBinary(WebSocket ws, ByteBuffer data) {
    handler.onBinary(ws, data);
  }

  @Override
  public void onPong(WebSocket ws, ByteBuffer data) {
    handler.onPong(ws, data);
  }

  @Override
  public void onDrain(WebSocket ws) {
    handler.onDrain(ws);
  }

  @Override
  public void onClose(WebSocket ws, int code, String reason) {
    try {
      handler.onClose(ws, code, reason);
    } finally {
      closed.accept(code);
    }
  }

  @Override
  public void onError(WebSocket ws, Throwable cause) {
    handler.onError(ws, cause);
  }
}
