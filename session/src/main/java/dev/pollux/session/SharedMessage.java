package dev.pollux.session;

import dev.pollux.net.SharedOutput;
import dev.pollux.websocket.FrameWriter;
import java.lang.foreign.MemorySegment;

/// A message for many sessions, written as one frame that all servers' sessions send as it is.
///
/// It is not compressed, which RFC 7692 §6 leaves to the sender for each message. Who masks its
/// frames (a client) takes the payload.
///
/// @param opcode text or binary
/// @param frame header and payload; held by the one who made this
/// @param payload the frame's memory behind its header
record SharedMessage(int opcode, SharedOutput frame, MemorySegment payload) {

  /// Writes the frame.
  static SharedMessage of(int opcode, MemorySegment source, long offset, int length) {
    int header = FrameWriter.headerBytes(length, false);
    SharedOutput frame = SharedOutput.allocate(header + length);
    FrameWriter.writeHeader(frame.memory(), 0, opcode, true, 0, length);
    MemorySegment payload = frame.memory().asSlice(header, length);
    MemorySegment.copy(source, offset, payload, 0, length);
    return new SharedMessage(opcode, frame, payload);
  }
}
