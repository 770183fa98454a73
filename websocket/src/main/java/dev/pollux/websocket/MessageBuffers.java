package dev.pollux.websocket;

import java.lang.foreign.MemorySegment;

/// Lends native memory in which a [MessageAssembler] gathers a message that did not arrive in one
/// piece. Called on the connection's thread; a pool of a loop serves all its connections.
public interface MessageBuffers {
  /// Lends a native segment of at least `minBytes`; more is welcome, all of it is used. Its content
  /// is of no importance.
  MemorySegment borrow(int minBytes);

  /// How many bytes the memory in which one message is gathered may have now; of a message that
  /// needs more the connection is failed ([Rule#MESSAGE_IS_WITHIN_MEMORY]).
  default int mostGathered() {
    return Integer.MAX_VALUE;
  }

  /// Takes back a segment that [#borrow] gave out: exactly that one, exactly once.
  void giveBack(MemorySegment buffer);
}
