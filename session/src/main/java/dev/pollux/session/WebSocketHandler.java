package dev.pollux.session;

import java.nio.ByteBuffer;

/// What an application does with a WebSocket.
///
/// **Order.** [#onOpen] comes first, then any of [#onMessage], [#onPong] and [#onDrain], in the
/// order in which they happened, and [#onClose] last, exactly once. After [WebSocket#close] or
/// [WebSocket#abort] no message is delivered any more.
///
/// **Threads.** The callbacks of one WebSocket, the tasks of [WebSocket#execute] and the outcomes
/// of [WebSocket#offload] never run at the same time, and each sees what the one before it wrote.
/// Which thread runs them is the I/O model's choice: a loop that serves other connections too, or a
/// thread of this connection. On a loop a callback that blocks holds up every connection of that
/// loop; [WebSocket#offload] is for work that blocks.
///
/// **Buffers.** A [Message], and what it gives a view of, is valid until the callback returns.
///
/// **Exceptions.** What a callback throws goes to [#onError], and the WebSocket is closed with
/// 1011; others are not touched.
///
/// One handler may serve many WebSockets; it is then called by several threads at once, for
/// different WebSockets.
public interface WebSocketHandler {

  /// The opening handshake is done: frames can be sent.
  default void onOpen(WebSocket ws) {}

  /// A whole message arrived. By default it is handed on to [#onText] or [#onBinary].
  default void onMessage(WebSocket ws, Message message) {
    if (message.isText()) {
      onText(ws, message.text());
    } else {
      onBinary(ws, message.bytes());
    }
  }

  /// A text message arrived, if [#onMessage] is left as it is.
  default void onText(WebSocket ws, String text) {}

  /// A binary message arrived, if [#onMessage] is left as it is.
  ///
  /// @param data a read-only view of the message, valid until this call returns
  default void onBinary(WebSocket ws, ByteBuffer data) {}

  /// A pong arrived: the answer to a [WebSocket#ping], or to one that the keep-alive has sent.
  ///
  /// @param data a read-only view of what the ping carried, valid until this call returns
  default void onPong(WebSocket ws, ByteBuffer data) {}

  /// Output has drained: after one or more sends that returned [SendStatus#BACKPRESSURE], what is
  /// pending is at or below [OutputPolicy#lowWatermarkBytes] again. Called once each time that
  /// happens.
  default void onDrain(WebSocket ws) {}

  /// The WebSocket has ended, and so has its TCP connection.
  ///
  /// @param code how it ended, by RFC 6455 §7.1.5: the code of the peer's close frame, 1005 if that
  ///   had none; the code that this side sent when it failed the WebSocket (1002, 1007, 1009 for
  ///   what the peer did wrong); 1006 if the connection ended without any of these
  /// @param reason the reason that came with the code, or an empty string
  default void onClose(WebSocket ws, int code, String reason) {}

  /// A callback or a task of this handler threw `cause`, or offloaded work whose failure nobody
  /// else takes did. After this call the WebSocket is closed with 1011, unless the handler has
  /// closed it with a code of its own.
  ///
  /// By default nothing is done here; the server logs the cause in any case.
  default void onError(WebSocket ws, Throwable cause) {}
}
