package dev.pollux.net;

import java.lang.foreign.MemorySegment;

/// Native memory lent for a while, by the owner of connections to their protocols.
///
/// Only the owner of a connection uses it. What was borrowed belongs to the borrower until it gives
/// it back, and is not cleared in between.
public interface BufferPool {

  /// A segment of at least `minBytes` bytes; the pool rounds up.
  ///
  /// @throws MemoryBudgetExceededException if the engine's memory is used up ([MemoryBudget])
  MemorySegment borrow(int minBytes);

  /// The same for what stays until a peer does something: when memory is nearly used up there is
  /// none for that, so that there is some for those who need it for a moment only.
  ///
  /// @throws MemoryBudgetExceededException if there is none for that
  default MemorySegment borrowToHold(int minBytes) {
    return borrow(minBytes);
  }

  /// Gives back a segment that [#borrow] returned, the very same one, once.
  void giveBack(MemorySegment segment);

  /// Bytes lent and not given back yet.
  long lentBytes();
}
