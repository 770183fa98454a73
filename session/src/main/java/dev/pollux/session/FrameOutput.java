package dev.pollux.session;

import dev.pollux.net.Connection;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.Masking;
import java.lang.foreign.MemorySegment;

/// The lowest part of a session's sending half: frames into the connection's output. A superclass
/// for the same reason as [SessionOutput].
abstract class FrameOutput implements WebSocket {
  final Sessions sessions;
  final Connection connection;

  /// Whether this is a client, which masks its frames (RFC 6455 §5.3).
  final boolean masks;

  FrameOutput(Sessions sessions, Connection connection, boolean masks) {
    this.sessions = sessions;
    this.connection = connection;
    this.masks = masks;
  }

  /// Appends a frame to the connection's output, whatever is pending. As the owner.
  final void writeFrame(int opcode, boolean fin, MemorySegment payload, long offset, int length) {
    if (masks) {
      writeMasked(opcode, fin, payload, offset, length);
      return;
    }
    int header = FrameWriter.headerBytes(length, false);
    // One reservation for header and payload where that is possible.
    int first = Math.min(length, Connection.MAX_RESERVE_BYTES - header);
    MemorySegment target = connection.reserve(header + first);
    int at = connection.reservedOffset();
    FrameWriter.writeHeader(target, at, opcode, fin, 0, length);
    MemorySegment.copy(payload, offset, target, at + header, first);
    connection.commit(header + first);
    if (first < length) {
      connection.write(payload, offset + first, length - first);
    }
  }

  private void writeMasked(
      int opcode, boolean fin, MemorySegment payload, long offset, int length) {
    int key = MaskingKeys.next();
    int header = FrameWriter.headerBytes(length, true);
    MemorySegment target = connection.reserve(header);
    FrameWriter.writeHeader(target, connection.reservedOffset(), opcode, fin, 0, length, key);
    connection.commit(header);
    for (int done = 0; done < length; ) {
      int piece = Math.min(length - done, Connection.MAX_RESERVE_BYTES);
      target = connection.reserve(piece);
      int at = connection.reservedOffset();
      MemorySegment.copy(payload, offset + done, target, at, piece);
      Masking.mask(target, at, piece, key, done);
      connection.commit(piece);
      done += piece;
    }
  }
}
