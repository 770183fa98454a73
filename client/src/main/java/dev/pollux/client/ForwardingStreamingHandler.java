package dev.pollux.client;

import dev.pollux.session.Message;
import dev.pollux.session.StreamingHandler;
import dev.pollux.session.WebSocket;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/// The same for a handler that takes messages in parts.
final class ForwardingStreamingHandler extends ForwardingHandler implements StreamingHandler {
  private final StreamingHandler streaming;

  ForwardingStreamingHandler(
      StreamingHandler streaming, Consumer<WebSocket> opened, IntConsumer closed) {
    super(streaming, opened, closed);
    this.streaming = streaming;
  }

  @Override
  public void onPart(WebSocket ws, Message part, boolean last) {
    streaming.onPart(ws, part, last);
  }

  @Override
  public int wholeUpToBytes() {
    return streaming.wholeUpToBytes();
  }
}
