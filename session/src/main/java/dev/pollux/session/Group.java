package dev.pollux.session;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// WebSockets that are sent the same messages: a room, or all of a server.
///
/// A message is written once, compressed once for each way in which members have agreed to that,
/// and costs one entry for each thread that owns members; that thread then goes through its own.
///
/// **Order.** All members are sent the messages of a group in the same order. What one thread does,
/// to groups and to single WebSockets in turn, reaches each WebSocket in the order of its calls:
/// who has joined gets what is sent after that, and who has left does not.
///
/// **Bounds.** What a thread has not got round to counts as pending of each member that it owns.
/// Above the high watermark of the [OutputPolicy] a send says [SendStatus#BACKPRESSURE], beyond the
/// bound it is refused for all members, never for some. A member whose own peer reads too slowly is
/// dealt with by that policy, alone.
///
/// Any thread may call any method; none waits, and none writes for a member itself.
public interface Group {

  /// Makes `ws` a member, unless it is one. It stops being one when it leaves or ends.
  ///
  /// @throws IllegalArgumentException if `ws` is another server's (or client's)
  /// @throws UnsupportedOperationException if this is the group of all, whose members are those
  ///   that are open
  void join(WebSocket ws);

  /// Ends the membership of `ws`, if it is a member.
  ///
  /// @throws IllegalArgumentException if `ws` is another server's (or client's)
  /// @throws UnsupportedOperationException if this is the group of all
  void leave(WebSocket ws);

  /// Sends a text message to all members. Unpaired surrogates are sent as `?`.
  ///
  /// @return [SendStatus#ACCEPTED] or [SendStatus#BACKPRESSURE] if it will be sent to all members
  ///   that stay open and keep up; [SendStatus#DROPPED] if it is sent to none
  default SendStatus sendText(CharSequence text) {
    return sendText(text, null);
  }

  /// The same, to all members but `except`.
  SendStatus sendText(CharSequence text, @Nullable WebSocket except);

  /// Sends a binary message to all members: the bytes from the buffer's position to its limit,
  /// neither of which is changed. The buffer is the caller's again when this returns.
  default SendStatus sendBinary(ByteBuffer data) {
    return sendBinary(data, null);
  }

  /// The same, to all members but `except`.
  SendStatus sendBinary(ByteBuffer data, @Nullable WebSocket except);

  /// Sends a binary message to all members.
  default SendStatus sendBinary(byte[] data) {
    return sendBinary(ByteBuffer.wrap(data), null);
  }

  /// Sends a message that arrived to all members, in the callback that it was delivered to.
  default SendStatus send(Message message) {
    return send(message, null);
  }

  /// The same, to all members but `except`.
  SendStatus send(Message message, @Nullable WebSocket except);

  /// How many members there are; those that join or leave at the moment may count already.
  int size();
}
