package dev.pollux.net.internal;

import dev.pollux.net.Protocol;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A connection of a loop: it has an output buffer of the loop's only while something is pending.
abstract class BufferedConnection extends EngineConnection {
  private final OutputStock stock;

  /// Null while nothing is pending.
  @Nullable Output output;

  /// The kernel refused output; it goes on when the descriptor is writable.
  boolean writeBlocked;

  /// It stands in the loop's list of connections to be flushed at the end of the batch.
  boolean listedForFlush;

  BufferedConnection(int fd, @Nullable PeerAddress peer, Protocol protocol, OutputStock stock) {
    super(fd, peer, protocol);
    this.stock = stock;
  }

  /// Whether what is written goes anywhere.
  abstract boolean takesOutput();

  /// Output was added: it is to be flushed at the end of the batch.
  abstract void outputAdded();

  @Override
  public final MemorySegment reserve(int length) {
    Output pending = output;
    if (pending == null) {
      pending = stock.take();
      output = pending;
      // Also when nothing is committed in the end: the flush gives the buffer back.
      outputAdded();
    }
    return pending.reserve(length, writeBlocked);
  }

  @Override
  public final int reservedOffset() {
    Output pending = output;
    return pending == null ? 0 : pending.reservedOffset();
  }

  @Override
  public final void commit(int length) {
    Output pending = output;
    if (pending != null && takesOutput()) {
      pending.commit(length);
      outputAdded();
    }
  }

  @Override
  public final int pendingOutput() {
    Output pending = output;
    return pending == null ? 0 : pending.pendingBytes();
  }

  /// Throws away what is pending and gives the buffer back.
  final void releaseOutput() {
    Output pending = output;
    if (pending != null) {
      output = null;
      pending.discard();
      stock.put(pending);
    }
  }
}
