package dev.pollux.websocket;

import java.lang.foreign.MemorySegment;

/// One stream of raw inflate. Its memory is not the heap's: whoever has it closes it.
///
/// A block that says it is the last one ends nothing here: what follows is the next block, of the
/// same history (RFC 7692 §7.2.3.4).
///
/// Not for two threads at once, but for one after the other.
public interface Decompressor extends AutoCloseable {
  /// What [#inflate] returns for data that is not deflate's.
  int INVALID = -1;

  /// What is to be decompressed next: all that was given before must be taken. Nothing is copied,
  /// so the memory stays as it is until [#inflate] has taken it.
  ///
  /// @param source native memory
  void input(MemorySegment source, long offset, int length);

  /// Decompresses, until all input is taken or `length` bytes are written.
  ///
  /// @param target native memory
  /// @param length room, at least 1 byte
  /// @return bytes written, or [#INVALID]; as many as there was room for means that the call is to
  ///   be repeated
  int inflate(MemorySegment target, long offset, int length);

  /// Whether the input ended with the last byte of a block that says it is the last one.
  boolean isFinished();

  /// Whether the input ended between two blocks. True if that can't be told.
  boolean isBetweenBlocks();

  /// Forgets input and history: as new.
  void reset();

  /// Gives the memory back; again does no harm.
  @Override
  void close();
}
