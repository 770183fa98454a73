package dev.pollux.session;

import dev.pollux.net.SharedOutput;
import dev.pollux.websocket.DeflateStreams;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.PerMessageDeflate;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A message for many sessions, written as one frame that all servers' sessions send as it is; and
/// where there is compression, compressed once, as another one for those that agreed to it. Who
/// masks its frames (a client) takes the payload.
///
/// @param opcode text or binary
/// @param frame header and payload; held by the one who made this
/// @param payload the frame's memory behind its header
/// @param deflated the frame with the compressed payload, likewise; null if it is not to be
///   compressed
/// @param deflatedBytes the length of that payload
/// @param windowBits what it was compressed with
record SharedMessage(
    int opcode,
    SharedOutput frame,
    MemorySegment payload,
    @Nullable SharedOutput deflated,
    int deflatedBytes,
    int windowBits) {

  /// Writes the plain frame.
  static SharedMessage of(int opcode, MemorySegment source, int length) {
    int header = FrameWriter.headerBytes(length, false);
    SharedOutput frame = SharedOutput.allocate(header + length);
    FrameWriter.writeHeader(frame.memory(), 0, opcode, true, 0, length);
    MemorySegment payload = frame.memory().asSlice(header, length);
    MemorySegment.copy(source, 0, payload, 0, length);
    return new SharedMessage(opcode, frame, payload, null, 0, 0);
  }

  /// The same message with the compressed frame too, if it is worth compressing. What was one hold
  /// of this message is one of the new one.
  SharedMessage withDeflated(DeflateStreams compression) {
    int length = (int) payload.byteSize();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment small = arena.allocate(Math.max(1, length));
      int bytes = compression.deflateForMany(payload, length, small);
      return bytes < 0
          ? this
          : new SharedMessage(
              opcode,
              frame,
              payload,
              deflatedFrame(opcode, small, bytes),
              bytes,
              compression.options().serverMaxWindowBits());
    }
  }

  private static SharedOutput deflatedFrame(int opcode, MemorySegment payload, int length) {
    int header = FrameWriter.headerBytes(length, false);
    SharedOutput frame = SharedOutput.allocate(header + length);
    FrameWriter.writeHeader(frame.memory(), 0, opcode, true, PerMessageDeflate.RSV1, length);
    MemorySegment.copy(payload, 0, frame.memory(), header, length);
    return frame;
  }

  /// The frame for a session, to be sent now.
  ///
  /// @param compression the session's, or null
  SharedOutput frameFor(@Nullable PerMessageDeflate compression) {
    if (compression == null || deflated == null || !compression.takesForeign(windowBits)) {
      return frame;
    }
    compression.sentForeign((int) payload.byteSize(), deflatedBytes);
    return deflated;
  }

  /// Holds the frames for one more.
  void retain() {
    frame.retain();
    if (deflated != null) {
      deflated.retain();
    }
  }

  /// Lets the frames go, for one.
  void release() {
    frame.release();
    if (deflated != null) {
      deflated.release();
    }
  }
}
