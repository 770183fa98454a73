package dev.pollux.session;

import dev.pollux.net.SharedOutput;
import dev.pollux.websocket.DeflateStreams;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.PerMessageDeflate;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// A message for many sessions, written as one frame that all servers' sessions send as it is; and
/// compressed when the first of them needs it so, once for each window that some have agreed to.
/// Who masks its frames (a client) takes the payload. Any thread.
final class SharedMessage {
  private static final int MOST_WINDOW_BITS = 15;

  private final int opcode;
  private final SharedOutput frame;
  private final MemorySegment payload;
  private final @Nullable DeflateStreams streams;
  private final AtomicInteger holders = new AtomicInteger(1);

  /// By the bits of the window; each is made under this object's lock. Null without compression.
  private final @Nullable AtomicReferenceArray<@Nullable Deflated> deflated;

  /// @param frame null if the message becomes no shorter
  private record Deflated(@Nullable SharedOutput frame, int payloadBytes) {}

  private SharedMessage(
      int opcode, SharedOutput frame, MemorySegment payload, @Nullable DeflateStreams streams) {
    this.opcode = opcode;
    this.frame = frame;
    this.payload = payload;
    this.streams = streams;
    this.deflated = streams == null ? null : new AtomicReferenceArray<>(MOST_WINDOW_BITS + 1);
  }

  /// Writes the plain frame. The maker holds it until [#release].
  ///
  /// @param streams for those who agreed to compression, if there is any
  static SharedMessage of(
      int opcode, MemorySegment source, int length, @Nullable DeflateStreams streams) {
    int header = FrameWriter.headerBytes(length, false);
    SharedOutput frame = SharedOutput.allocate(header + length);
    FrameWriter.writeHeader(frame.memory(), 0, opcode, true, 0, length);
    MemorySegment payload = frame.memory().asSlice(header, length);
    MemorySegment.copy(source, 0, payload, 0, length);
    return new SharedMessage(opcode, frame, payload, streams);
  }

  /// Text or binary.
  int opcode() {
    return opcode;
  }

  /// The payload, in the frame's memory.
  MemorySegment payload() {
    return payload;
  }

  int payloadBytes() {
    return (int) payload.byteSize();
  }

  /// The length of the plain frame, by which it is accounted for.
  int frameBytes() {
    return frame.length();
  }

  /// The frame for a session, to be sent now.
  ///
  /// @param compression the session's, or null
  SharedOutput frameFor(@Nullable PerMessageDeflate compression) {
    DeflateStreams by = streams;
    AtomicReferenceArray<@Nullable Deflated> made = deflated;
    int windowBits = compression == null || by == null ? 0 : compression.windowBitsForShared();
    if (compression == null || by == null || made == null || windowBits == 0) {
      return frame;
    }
    Deflated shorter = made.get(windowBits);
    if (shorter == null) {
      shorter = deflateOnce(by, made, windowBits);
    }
    if (shorter.frame == null) {
      return frame;
    }
    compression.sentForeign(payloadBytes(), shorter.payloadBytes);
    return shorter.frame;
  }

  private synchronized Deflated deflateOnce(
      DeflateStreams by, AtomicReferenceArray<@Nullable Deflated> made, int windowBits) {
    Deflated before = made.get(windowBits);
    if (before != null) {
      return before;
    }
    Deflated now = deflate(by, windowBits);
    made.set(windowBits, now);
    return now;
  }

  private Deflated deflate(DeflateStreams by, int windowBits) {
    int length = payloadBytes();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment small = arena.allocate(Math.max(1, length));
      int bytes = by.deflateForMany(windowBits, payload, length, small);
      return new Deflated(bytes < 0 ? null : deflatedFrame(small, bytes), Math.max(0, bytes));
    }
  }

  private SharedOutput deflatedFrame(MemorySegment small, int length) {
    int header = FrameWriter.headerBytes(length, false);
    SharedOutput made = SharedOutput.allocate(header + length);
    FrameWriter.writeHeader(made.memory(), 0, opcode, true, PerMessageDeflate.RSV1, length);
    MemorySegment.copy(small, 0, made.memory(), header, length);
    return made;
  }

  /// Holds the frames for one more.
  void retain() {
    holders.getAndIncrement();
  }

  /// Lets the frames go, for one.
  void release() {
    if (holders.decrementAndGet() == 0) {
      frame.release();
      releaseDeflated();
    }
  }

  private void releaseDeflated() {
    AtomicReferenceArray<@Nullable Deflated> made = deflated;
    for (int i = 0; made != null && i < made.length(); i++) {
      Deflated each = made.get(i);
      if (each != null && each.frame != null) {
        each.frame.release();
      }
    }
  }
}
