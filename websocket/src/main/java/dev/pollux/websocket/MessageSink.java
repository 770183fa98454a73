package dev.pollux.websocket;

import java.lang.foreign.MemorySegment;

/// Takes what a [MessageAssembler] puts together. The bytes are lent for the call: they may be
/// changed in place, but are somebody else's when the call returns. Each method returns whether to
/// go on; false makes the [FrameParser] ignore everything that follows.
public interface MessageSink {
  /// A whole message.
  ///
  /// @param text whether it is text, which then is valid UTF-8 (RFC 6455 §8.1); else binary
  /// @param length in bytes; 0 is a message too
  boolean onMessage(boolean text, MemorySegment buffer, int offset, int length);

  /// A ping: the peer is to be sent a pong with the same payload (RFC 6455 §5.5.2). It can come
  /// between the fragments of a message.
  ///
  /// @param length 0 to 125 bytes
  boolean onPing(MemorySegment buffer, int offset, int length);

  /// A pong, asked for or not (RFC 6455 §5.5.3).
  ///
  /// @param length 0 to 125 bytes
  boolean onPong(MemorySegment buffer, int offset, int length);

  /// The peer's close frame. Nothing is read after it, whatever is returned: RFC 6455 §1.4 has what
  /// follows discarded.
  ///
  /// @param code a valid code, or [CloseCode#NO_STATUS] if the frame had none
  /// @param reason empty if there was none
  boolean onClose(int code, String reason);
}
