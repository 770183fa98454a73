package dev.pollux.session;

import dev.pollux.websocket.Opcode;
import dev.pollux.websocket.Utf8Validator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// The stream of a session. What is to be sent next is decided here, under the lock; [Outgoing]
/// writes it, or leaves it in the owner's inbox.
///
/// ```
///   text or binary frame, no FIN --> continuation frames, no FIN --> empty continuation frame, FIN
/// ```
final class OutgoingStream implements MessageStream {
  private static final byte[] NOTHING = {};
  private static final int COPY_BYTES = 16 * 1024;

  private final WebSocketSession session;
  private final boolean text;

  // Guarded by this.
  private int utf8 = Utf8Validator.ACCEPT;
  private char highSurrogate;
  private boolean begun;
  private boolean finished;

  OutgoingStream(WebSocketSession session, boolean text) {
    this.session = session;
    this.text = text;
  }

  @Override
  public synchronized SendStatus send(ByteBuffer part) {
    requireUnfinished();
    if (highSurrogate != 0) {
      throw new IllegalStateException("the part before ended in the middle of a surrogate pair");
    }
    MemorySegment bytes = MemorySegment.ofBuffer(part);
    return sendBytes(bytes, part.remaining());
  }

  @Override
  public synchronized SendStatus send(CharSequence part) {
    requireUnfinished();
    if (!text) {
      throw new IllegalStateException("a binary message has no text");
    }
    if (utf8 != Utf8Validator.ACCEPT) {
      throw new IllegalStateException("the part before ended in the middle of a character");
    }
    String whole = highSurrogate == 0 ? part.toString() : highSurrogate + part.toString();
    int length = whole.length();
    boolean cut = length > 0 && Character.isHighSurrogate(whole.charAt(length - 1));
    byte[] bytes = whole.substring(0, cut ? length - 1 : length).getBytes(StandardCharsets.UTF_8);
    SendStatus status = sendValid(MemorySegment.ofArray(bytes), bytes.length, utf8);
    if (status.isAccepted()) {
      highSurrogate = cut ? whole.charAt(length - 1) : 0;
    }
    return status;
  }

  private SendStatus sendBytes(MemorySegment bytes, int length) {
    int after = text ? validate(utf8, bytes, length) : utf8;
    if (after == Utf8Validator.REJECT) {
      throw new IllegalArgumentException("a part of a text message is not UTF-8 (RFC 6455 §8.1)");
    }
    return sendValid(bytes, length, after);
  }

  // In native memory: the validator is compiled for that, and stays fast only if it sees no other.
  private static int validate(int before, MemorySegment bytes, int length) {
    int state = before;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(1, Math.min(length, COPY_BYTES)));
      for (int done = 0; done < length && state != Utf8Validator.REJECT; ) {
        int piece = Math.min(length - done, COPY_BYTES);
        MemorySegment.copy(bytes, done, copy, 0, piece);
        state = Utf8Validator.step(state, copy, 0, piece);
        done += piece;
      }
    }
    return state;
  }

  private SendStatus sendValid(MemorySegment bytes, int length, int after) {
    // A frame without payload would say nothing.
    SendStatus status =
        length == 0 ? statusNow() : Outgoing.sendPart(session, opcode(), false, bytes, length);
    if (status.isAccepted()) {
      utf8 = after;
      begun |= length > 0;
    }
    return status;
  }

  @Override
  public synchronized SendStatus finish() {
    requireUnfinished();
    if (utf8 != Utf8Validator.ACCEPT) {
      throw new IllegalStateException("a text message ends in the middle of a character");
    }
    byte[] rest = highSurrogate == 0 ? NOTHING : new byte[] {'?'};
    SendStatus status =
        Outgoing.sendPart(session, opcode(), true, MemorySegment.ofArray(rest), rest.length);
    if (status.isAccepted()) {
      finished = true;
      session.extras().finish(this);
    }
    return status;
  }

  @Override
  public synchronized boolean isFinished() {
    return finished;
  }

  /// What a send of nothing returns.
  private SendStatus statusNow() {
    return session.isOpen() ? SendStatus.ACCEPTED : SendStatus.CLOSED;
  }

  private int opcode() {
    return begun ? Opcode.CONTINUATION : text ? Opcode.TEXT : Opcode.BINARY;
  }

  private void requireUnfinished() {
    if (finished) {
      throw new IllegalStateException("the message is finished");
    }
  }
}
