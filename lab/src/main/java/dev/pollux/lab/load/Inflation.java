package dev.pollux.lab.load;

import java.lang.foreign.MemorySegment;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Inflates the compressed messages of one connection (RFC 7692 §7.2.2), piece by piece. Its memory
/// is taken when the first one comes, and kept.
final class Inflation {
  private static final int PIECE_BYTES = 16 * 1024;
  // What the sender has left out at the end (RFC 7692 §7.2.1).
  private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};

  private final boolean forgets;
  private final Inflater inflater = new Inflater(true);
  private final byte[] piece = new byte[PIECE_BYTES];
  private final MemorySegment pieceSegment = MemorySegment.ofArray(piece);

  /// Takes what was inflated.
  @FunctionalInterface
  interface Sink {
    void onMessageBytes(MemorySegment buffer, int offset, int length);
  }

  /// @param forgets whether the server compresses each message for itself
  Inflation(boolean forgets) {
    this.forgets = forgets;
  }

  void take(MemorySegment buffer, int offset, int length, Sink sink) {
    inflater.setInput(buffer.asSlice(offset, length).asByteBuffer());
    drain(sink);
  }

  void endMessage(Sink sink) {
    inflater.setInput(TAIL);
    drain(sink);
    // A final block ends the stream: the next message begins another one (§7.2.3.4).
    if (forgets || inflater.finished()) {
      inflater.reset();
    }
  }

  private void drain(Sink sink) {
    try {
      for (int count = inflater.inflate(piece); count > 0; count = inflater.inflate(piece)) {
        sink.onMessageBytes(pieceSegment, 0, count);
      }
    } catch (DataFormatException e) {
      throw new LoadConnection.Different("a compressed message is broken: " + e.getMessage());
    }
  }

  void close() {
    inflater.end();
  }
}
