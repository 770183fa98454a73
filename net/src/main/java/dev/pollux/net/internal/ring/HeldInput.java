package dev.pollux.net.internal.ring;

import dev.pollux.net.BufferPool;
import dev.pollux.net.internal.loop.BufferedConnection;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/// Copies of what a ring had received for a connection when its reading was suspended: at most what
/// arrives until the receive is cancelled, and no more than one receive brings where the kernel
/// knows a limit for it.
public final class HeldInput {
  private record Piece(MemorySegment memory, int length) {}

  private final ArrayDeque<Piece> pieces = new ArrayDeque<>();

  /// Behind the pieces the peer's FIN came.
  public boolean endOfInput;

  public boolean isEmpty() {
    return pieces.isEmpty();
  }

  public void add(BufferPool pool, MemorySegment buffer, int offset, int length) {
    MemorySegment memory = pool.borrowToHold(length);
    MemorySegment.copy(buffer, offset, memory, 0, length);
    pieces.addLast(new Piece(memory, length));
  }

  public void deliverFirst(BufferPool pool, BufferedConnection connection) {
    Piece piece = pieces.removeFirst();
    connection.deliver(piece.memory(), 0, piece.length());
    pool.giveBack(piece.memory());
  }

  public void discard(BufferPool pool) {
    pieces.forEach(piece -> pool.giveBack(piece.memory()));
    pieces.clear();
  }
}
