package dev.pollux.session;

import dev.pollux.net.Connection;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.Masking;
import dev.pollux.websocket.Opcode;
import dev.pollux.websocket.PerMessageDeflate;
import java.lang.foreign.MemorySegment;

/// Writes frames into the output of a session's connection, whatever is pending there. As the
/// owner.
final class Frames {
  private Frames() {}

  /// A whole message; compressed, if that was agreed upon and makes it shorter.
  static void writeMessage(
      WebSocketSession to, int opcode, MemorySegment payload, long offset, int length) {
    PerMessageDeflate deflate = to.compression;
    MemorySegment deflated = deflate == null ? null : deflate.deflate(payload, offset, length);
    if (deflate == null || deflated == null) {
      write(to, opcode, true, payload, offset, length);
      return;
    }
    try {
      write(to, opcode, true, PerMessageDeflate.RSV1, deflated, 0, deflate.deflatedBytes());
    } finally {
      to.connection.buffers().giveBack(deflated);
    }
  }

  /// A frame of a message in parts; compressed, if that was agreed upon.
  static void writePart(
      WebSocketSession to,
      int opcode,
      boolean fin,
      MemorySegment payload,
      long offset,
      int length) {
    PerMessageDeflate deflate = to.compression;
    boolean first = opcode != Opcode.CONTINUATION;
    if (deflate == null || !deflate.deflatesParts(first)) {
      write(to, opcode, fin, payload, offset, length);
      return;
    }
    MemorySegment deflated = deflate.deflatePart(payload, offset, length, first, fin);
    try {
      int rsv = first ? PerMessageDeflate.RSV1 : 0;
      write(to, opcode, fin, rsv, deflated, 0, deflate.deflatedBytes());
    } finally {
      to.connection.buffers().giveBack(deflated);
    }
  }

  /// A frame as it is.
  static void write(
      WebSocketSession to,
      int opcode,
      boolean fin,
      MemorySegment payload,
      long offset,
      int length) {
    write(to, opcode, fin, 0, payload, offset, length);
  }

  private static void write(
      WebSocketSession to,
      int opcode,
      boolean fin,
      int rsv,
      MemorySegment payload,
      long offset,
      int length) {
    Connection connection = to.connection;
    if (to.masks) {
      writeMasked(connection, opcode, fin, rsv, payload, offset, length);
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

  /// RFC 6455 §5.3: a client masks its frames.
  private static void writeMasked(
      Connection connection,
      int opcode,
      boolean fin,
      int rsv,
      MemorySegment payload,
      long offset,
      int length) {
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
