package dev.pollux.net;

import java.lang.foreign.MemorySegment;

/// Native memory lent for a while, by the owner of connections to their protocols.
///
/// Only the owner of a connection uses it. What was borrowed belongs to the borrower until it gives
/// it back, and is not cleared in between.
public interface BufferPool {

  /// A segment of at least `minBytes` bytes; the pool rounds up.
  MemorySegment borrow(int minBytes);

  /// Gives back a segment that [#borrow] returned, the very same one, once.
  void giveBack(MemorySegment segment);

  /// Bytes lent and not given back yet.
  long lentBytes();
}
