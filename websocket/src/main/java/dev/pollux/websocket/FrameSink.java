package dev.pollux.websocket;

import java.lang.foreign.MemorySegment;

/// Takes the frames that a [FrameParser] finds: for each frame `onFrameStart`, then `onPayload` for
/// each piece as it arrives, then `onFrameEnd`; or all three in one, `onWholeFrame`. All calls come
/// from within [FrameParser#parse], on its thread. A sink that throws stops its parser for good.
public interface FrameSink {
  /// A frame's header is complete and keeps the rules that one frame alone can break.
  ///
  /// @param opcode one of [Opcode], never a reserved one
  /// @param rsv the bits RSV1 (4), RSV2 (2) and RSV3 (1)
  /// @param payloadLength in bytes, within [WebSocketLimits#maxFrameBytes()]
  void onFrameStart(int opcode, boolean fin, int rsv, long payloadLength) throws ProtocolViolation;

  /// The next bytes of the payload, unmasked; at least one. The bytes are the caller's: they may be
  /// changed in place, and are valid until the parser was told [#onFrameEnd()] or `parse` returns,
  /// whichever is first.
  void onPayload(MemorySegment buffer, int offset, int length) throws ProtocolViolation;

  /// The payload is complete. When it came in one piece, this call directly follows the one to
  /// `onPayload`.
  ///
  /// @return false to stop: the parser ignores the rest of this input and all later input
  boolean onFrameEnd() throws ProtocolViolation;

  /// A frame that is there from its header to its last byte, as most short ones are when they are
  /// looked at; by default the three calls above. A sink that needs to remember nothing between
  /// them can do it for less here.
  ///
  /// @param length of the payload, 0 or more
  /// @return as [#onFrameEnd()]
  default boolean onWholeFrame(
      int opcode, boolean fin, int rsv, MemorySegment buffer, int offset, int length)
      throws ProtocolViolation {
    onFrameStart(opcode, fin, rsv, length);
    if (length > 0) {
      onPayload(buffer, offset, length);
    }
    return onFrameEnd();
  }
}
