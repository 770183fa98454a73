package dev.pollux.session;

/// A handler that takes long messages in parts, as they arrive, so that they need not be in memory
/// as a whole. Its short messages come to [#onMessage] as ever.
///
/// A message in parts is not bound by the limits of a message's length and fragments, because
/// nothing of it is kept; the limit of a frame's length holds. Whoever can't keep up lets the peer
/// wait ([WebSocket#pauseReading]), and whoever has had enough closes the WebSocket.
public interface StreamingHandler extends WebSocketHandler {

  /// The next part of a message that is longer than [#wholeUpToBytes]. Parts are cut where they
  /// happened to arrive, not where the peer's frames end; those of a text message are valid UTF-8
  /// and are cut between two characters, so that each has its [Message#text]. A part can be empty
  /// if it is the last one. After the first part of a message the rest of it is delivered in parts
  /// too, and nothing but [#onDrain] and [#onClose] comes in between.
  ///
  /// If the WebSocket ends before the message does, there is no last part.
  ///
  /// @param part valid until this call returns
  /// @param last whether the message ends with this part
  void onPart(WebSocket ws, Message part, boolean last);

  /// Messages of at most so many bytes are delivered whole; 0 for all in parts (but the empty one,
  /// which is whole). Asked once for each WebSocket. By default 64 KiB, which is what a loop
  /// receives at once.
  default int wholeUpToBytes() {
    return 64 * 1024;
  }
}
