package dev.pollux.session;

import dev.pollux.websocket.Opcode;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// What a session can't write at once: messages behind one that is sent in parts, and the answer to
/// the latest ping while the peer takes nothing. Made when there is something of that for the first
/// time, because most sessions never need it.
final class WaitingOutput {

  /// A whole message; its payload is nobody else's.
  ///
  /// @param frameBytes its payload with its header
  record Waiting(int opcode, MemorySegment payload, int frameBytes) {}

  /// Whether the wire is between the first frame of a message and its last. The owner's.
  boolean insideMessage;

  /// The payload of the latest ping that was not answered yet. The owner's.
  byte @Nullable [] latestPing;

  /// Messages behind the one in parts. The owner's.
  final ArrayDeque<Waiting> messages = new ArrayDeque<>();

  /// Parts that other threads have handed over and the owner has not written yet.
  final AtomicInteger handedOverParts = new AtomicInteger();

  private @Nullable OutgoingStream stream;

  /// @throws IllegalStateException if one is begun and not finished
  synchronized OutgoingStream begin(OutgoingStream next) {
    if (stream != null) {
      throw new IllegalStateException(
          "a message is being sent in parts already; a WebSocket sends one at a time (RFC 6455"
              + " §5.4)");
    }
    stream = next;
    return next;
  }

  synchronized void finish(OutgoingStream finished) {
    if (stream == finished) {
      stream = null;
    }
  }

  /// Whether a frame of that opcode has to wait until the message in parts has ended.
  boolean blocks(int opcode) {
    return insideMessage && (opcode == Opcode.TEXT || opcode == Opcode.BINARY);
  }
}
