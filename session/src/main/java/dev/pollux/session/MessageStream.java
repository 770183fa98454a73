package dev.pollux.session;

import java.nio.ByteBuffer;

/// One message that is sent in parts, so that it need not be in memory as a whole: each part is a
/// frame of its own (RFC 6455 §5.4). [WebSocket#streamText] and [WebSocket#streamBinary] begin one.
///
/// Any thread may call any method, and none waits. Parts are sent in the order of the calls, also
/// of calls by different threads one after the other. A part that was [SendStatus#DROPPED] was not
/// sent: send the same one again when [WebSocketHandler#onDrain] has been told, or later. After
/// [SendStatus#BACKPRESSURE] it is better to wait for that before the next part.
///
/// Until the message is finished, other messages sent on the same WebSocket wait behind it, within
/// the bounds of [OutputPolicy]; pings, pongs and a close go in between.
public interface MessageStream {

  /// Sends the next part: the bytes from the buffer's position to its limit, neither of which is
  /// changed. In a text message they are UTF-8, which may be cut anywhere.
  ///
  /// @throws IllegalArgumentException if this is a text message and would not be UTF-8 any more;
  ///   the part is not sent, and the stream is as before
  /// @throws IllegalStateException if the message is finished
  SendStatus send(ByteBuffer part);

  /// Sends the next part of a text message. A surrogate pair may be cut between two parts; unpaired
  /// surrogates are sent as `?`.
  ///
  /// @throws IllegalStateException if the message is finished, is binary, or the part before it
  ///   ended in the middle of a character
  SendStatus send(CharSequence part);

  /// Ends the message with its last frame, which is empty. If that is [SendStatus#DROPPED] it has
  /// to be tried again.
  ///
  /// @throws IllegalStateException if the message is finished, or ends in the middle of a character
  SendStatus finish();

  /// Whether [#finish] was accepted.
  boolean isFinished();
}
