package dev.pollux.websocket;

import java.lang.foreign.MemorySegment;

/// One stream of raw deflate. Its memory is not the heap's: whoever has it closes it.
///
/// Not for two threads at once, but for one after the other.
public interface Compressor extends AutoCloseable {
  /// What is to be compressed next: all that was given before must be taken. Nothing is copied, so
  /// the memory stays as it is until [#deflate] has taken it.
  ///
  /// @param source native memory
  void input(MemorySegment source, long offset, int length);

  /// Compresses, until all input is taken or `length` bytes are written.
  ///
  /// @param target native memory
  /// @param length room, at least 16 bytes
  /// @param flush whether to write all that the input so far amounts to and end it with an empty
  ///   block without compression, `00 00 ff ff` (Z_SYNC_FLUSH); the same in each call for one input
  /// @return bytes written; as many as there was room for means that the call is to be repeated
  int deflate(MemorySegment target, long offset, int length, boolean flush);

  /// Forgets input and history: as new.
  void reset();

  /// Gives the memory back; again does no harm.
  @Override
  void close();
}
