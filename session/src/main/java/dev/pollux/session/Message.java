package dev.pollux.session;

import java.nio.ByteBuffer;

/// A message that arrived: a view of the memory that it was received into, valid until
/// [WebSocketHandler#onMessage] returns, and only on the thread of that call.
///
/// After that every method throws [IllegalStateException]. To keep the message, keep [#text] or
/// [#toByteArray]. To send it, to this WebSocket or another one, hand it to [WebSocket#send]: that
/// copies nothing more than the bytes.
public interface Message {

  /// Whether it is a text message. Its bytes are then valid UTF-8: that has been checked (RFC 6455
  /// §8.1).
  boolean isText();

  /// The length of the payload in bytes.
  int length();

  /// The payload decoded as UTF-8: a new string for each call.
  ///
  /// @throws IllegalStateException if this is a binary message
  String text();

  /// A read-only view of the payload, from its position 0 to its limit; valid as long as the
  /// message is.
  ByteBuffer bytes();

  /// A copy of the payload.
  byte[] toByteArray();
}
