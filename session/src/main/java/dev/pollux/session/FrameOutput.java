package dev.pollux.session;

import dev.pollux.net.Connection;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.Masking;
import dev.pollux.websocket.Opcode;
import dev.pollux.websocket.PerMessageDeflate;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The lowest part of a session's sending half: frames into the connection's output. A superclass
/// for the same reason as [SessionOutput].
abstract class FrameOutput implements WebSocket {
  final Sessions sessions;
  final Connection connection;

  /// Null without compression.
  @Nullable PerMessageDeflate compression;

  /// Whether this is a client, which masks its frames (RFC 6455 §5.3).
  final boolean masks;

  FrameOutput(Sessions sessions, Connection connection, boolean masks) {
    this.sessions = sessions;
    this.connection = connection;
    this.masks = masks;
  }

  /// Appends a whole message to the connection's output, whatever is pending; compressed, if that
  /// was agreed upon and makes it shorter. As the owner.
  final void writeMessage(int opcode, MemorySegment payload, long offset, int length) {
    PerMessageDeflate deflate = compression;
    MemorySegment deflated = deflate == null ? null : deflate.deflate(payload, offset, length);
    if (deflate == null || deflated == null) {
      writeFrame(opcode, true, payload, offset, length);
      return;
    }
    try {
      writeFrame(opcode, true, PerMessageDeflate.RSV1, deflated, 0, deflate.deflatedBytes());
    } finally {
      connection.buffers().giveBack(deflated);
    }
  }

  /// Appends a frame of a message in parts; compressed, if that was agreed upon. As the owner.
  final void writePart(int opcode, boolean fin, MemorySegment payload, long offset, int length) {
    PerMessageDeflate deflate = compression;
    boolean first = opcode != Opcode.CONTINUATION;
    if (deflate == null || !deflate.deflatesParts(first)) {
      writeFrame(opcode, fin, payload, offset, length);
      return;
    }
    MemorySegment deflated = deflate.deflatePart(payload, offset, length, first, fin);
    try {
      int rsv = first ? PerMessageDeflate.RSV1 : 0;
      writeFrame(opcode, fin, rsv, deflated, 0, deflate.deflatedBytes());
    } finally {
      connection.buffers().giveBack(deflated);
    }
  }

  /// Appends a frame to the connection's output, whatever is pending. As the owner.
  final void writeFrame(int opcode, boolean fin, MemorySegment payload, long offset, int length) {
    writeFrame(opcode, fin, 0, payload, offset, length);
  }

  private void writeFrame(
      int opcode, boolean fin, int rsv, MemorySegment payload, long offset, int length) {
    if (masks) {
      writeMasked(opcode, fin, rsv, payload, offset, length);
      return;
    }
    int header = FrameWriter.headerBytes(length, false);
    // One reservation for header and payload where that is possible.
    int first = Math.min(length, Connection.MAX_RESERVE_BYTES - header);
    MemorySegment target = connection.reserve(header + first);
    int at = connection.reservedOffset();
    FrameWriter.writeHeader(target, at, opcode, fin, rsv, length);
    MemorySegment.copy(payload, offset, target, at + header, first);
    connection.commit(header + first);
    if (first < length) {
      connection.write(payload, offset + first, length - first);
    }
  }

  private void writeMasked(
      int opcode, boolean fin, int rsv, MemorySegment payload, long offset, int length) {
    int key = MaskingKeys.next();
    int header = FrameWriter.headerBytes(length, true);
    MemorySegment target = connection.reserve(header);
    FrameWriter.writeHeader(target, connection.reservedOffset(), opcode, fin, rsv, length, key);
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
