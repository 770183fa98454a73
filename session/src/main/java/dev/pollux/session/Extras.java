package dev.pollux.session;

import dev.pollux.net.BufferPool;
import dev.pollux.websocket.Opcode;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// What few sessions ever need, apart from the session so that the others do not pay for it:
/// messages behind one that is sent in parts, the answer to the latest ping while the peer takes
/// nothing, what was received and has to wait, a message that does not end, offloaded work. The
/// owner's, unless it says otherwise.
final class Extras {

  /// A whole message; its payload is nobody else's.
  ///
  /// @param frameBytes its payload with its header
  record Behind(int opcode, MemorySegment payload, int frameBytes) {}

  /// Whether the wire is between the first frame of a message and its last.
  boolean insideMessage;

  /// The payload of the latest ping that was not answered yet.
  byte @Nullable [] latestPing;

  /// Messages behind the one in parts.
  final ArrayDeque<Behind> behind = new ArrayDeque<>(2);

  /// Their frames' bytes; any thread reads it.
  volatile int behindBytes;

  /// What was received when reading had to stop, and is to be worked off first.
  private final ArrayDeque<HeldInput> held = new ArrayDeque<>(1);

  /// How long the message has been unfinished of which something is kept, as far as it was looked
  /// at.
  int unfinishedMillis;

  private @Nullable OutgoingStream stream;
  private @Nullable OffloadQueue offloads;

  // A message in parts. Any thread.

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

  @SuppressWarnings("ReferenceEquality") // The very same stream is meant.
  synchronized void finish(OutgoingStream finished) {
    if (stream == finished) {
      stream = null;
    }
  }

  /// Whether a frame of that opcode has to wait until the message in parts has ended.
  boolean blocks(int opcode) {
    return insideMessage && (opcode == Opcode.TEXT || opcode == Opcode.BINARY);
  }

  void keep(int opcode, MemorySegment payload, int frameBytes) {
    behind.addLast(new Behind(opcode, payload, frameBytes));
    addBehind(frameBytes);
  }

  @Nullable Behind nextBehind() {
    Behind next = insideMessage ? null : behind.pollFirst();
    if (next != null) {
      addBehind(-next.frameBytes());
    }
    return next;
  }

  // Only the owner writes it.
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void addBehind(int bytes) {
    behindBytes += bytes;
  }

  // What was received

  boolean holdsInput() {
    return !held.isEmpty();
  }

  /// Keeps a copy, behind what is held already.
  void hold(BufferPool pool, MemorySegment buffer, long offset, int length) {
    held.addLast(HeldInput.copyOf(pool, buffer, offset, length));
  }

  /// Keeps the rest of what was held, before what came later.
  void holdAgain(HeldInput rest) {
    held.addFirst(rest);
  }

  @Nullable HeldInput nextHeld() {
    return held.pollFirst();
  }

  void discardHeld(BufferPool pool) {
    for (HeldInput each = held.pollFirst(); each != null; each = held.pollFirst()) {
      pool.giveBack(each.memory());
    }
  }

  // Offloaded work. Any thread.

  synchronized OffloadQueue offloads(WebSocketSession session) {
    OffloadQueue made = offloads;
    if (made == null) {
      made = new OffloadQueue(session);
      offloads = made;
    }
    return made;
  }

  synchronized void endOffloads() {
    if (offloads != null) {
      offloads.end();
    }
  }
}
