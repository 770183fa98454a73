package dev.pollux.websocket;

import java.lang.foreign.MemorySegment;

/// Takes long messages in parts besides, from a [StreamingAssembler].
public interface PartSink extends MessageSink {
  /// The next part of a message that is not delivered whole. Control frames can come between two
  /// parts, but no other message.
  ///
  /// @param text whether it is a part of a text message: valid UTF-8, cut between two characters
  /// @param length in bytes; 0 only if this is the last part
  /// @param last whether the message ends here
  /// @return whether to go on
  boolean onPart(boolean text, MemorySegment buffer, int offset, int length, boolean last);
}
