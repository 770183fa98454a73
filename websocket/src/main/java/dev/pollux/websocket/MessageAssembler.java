package dev.pollux.websocket;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Puts the frames of one connection together to messages (RFC 6455 §5.4) and checks what only a
/// sequence of frames can break: fragmentation, UTF-8, the limits of a message, close payloads.
///
/// ```
///            text/binary, FIN: deliver           continuation: gather
///             +------+                              +------+
///             |      v      text/binary, no FIN     |      v
///             +--- IDLE -------------------------> INSIDE MESSAGE
///                    ^                                |
///                    +---- continuation, FIN: deliver +
///
///  ping, pong, close: in either state, without changing it
/// ```
///
/// A message that arrives whole in one buffer is delivered from there, without a copy. Any other is
/// gathered in a buffer borrowed from [MessageBuffers], which grows with what has really arrived: a
/// claimed length alone commits at most 1 KiB. It goes back as soon as the message was delivered.
///
/// One object per connection, 56 bytes while idle. RSV bits are not looked at: they are for an
/// extension between parser and assembler.
public sealed class MessageAssembler implements FrameSink permits StreamingAssembler {
  /// What an extension between parser and assembler says of a payload that it changes.
  static final long UNKNOWN_LENGTH = -1;

  private static final int FIRST_BORROW_BYTES = 1 << 10;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int FIN = 0x80;
  private static final int NO_MESSAGE = Opcode.CONTINUATION;

  // In messageOpcode: whether the message has been looked at already.
  private static final int SEEN = 0x40;

  private final WebSocketLimits limits;
  final MessageBuffers buffers;
  private final MessageSink sink;

  // Not private: StreamingAssembler's too.
  //
  // The message so far, unless it is still to begin or can be delivered in place.
  @Nullable MemorySegment gathered;
  int gatheredBytes;
  private int fragments;
  int utf8 = Utf8Validator.ACCEPT;

  // The present frame's payload: where it arrived, if whole; else, for a control frame, borrowed.
  @Nullable MemorySegment frame;
  private boolean frameIsBorrowed;
  int frameOffset;
  int frameBytes;
  private byte controlBytes;
  // The opcode, and the FIN bit where the frame has it: one byte less in each idle connection.
  byte frameFirst;
  byte messageOpcode = NO_MESSAGE;

  public MessageAssembler(WebSocketLimits limits, MessageBuffers buffers, MessageSink sink) {
    this.limits = Objects.requireNonNull(limits, "limits");
    this.buffers = Objects.requireNonNull(buffers, "buffers");
    this.sink = Objects.requireNonNull(sink, "sink");
  }

  /// Forgets what is not complete and gives its buffers back. To be called when the connection
  /// ends, however it ends; calling it again, or from within the sink, does no harm.
  public void discard() {
    MemorySegment message = gathered;
    MemorySegment control = frameIsBorrowed ? frame : null;
    gathered = null;
    frame = null;
    frameIsBorrowed = false;
    forgetMessage();
    if (message != null) {
      buffers.giveBack(message);
    }
    if (control != null) {
      buffers.giveBack(control);
    }
  }

  /// Whether the fragments of a message have begun and not ended.
  public boolean isInsideMessage() {
    return messageOpcode != NO_MESSAGE;
  }

  /// Looks at a message of which something is kept while its rest is waited for: whether it is the
  /// same one as at the last look. False if there is none.
  public boolean isStillUnfinished() {
    if (gathered == null) {
      return false;
    }
    boolean seen = (messageOpcode & SEEN) != 0;
    messageOpcode = (byte) (messageOpcode | SEEN);
    return seen;
  }

  final boolean isText() {
    return (messageOpcode & ~SEEN) == Opcode.TEXT;
  }

  @Override
  public void onFrameStart(int opcode, boolean fin, int rsv, long payloadLength)
      throws ProtocolViolation {
    if (Opcode.isControl(opcode)) {
      if (opcode == Opcode.CLOSE && payloadLength == 1) {
        throw new ProtocolViolation(
            Rule.CLOSE_BEGINS_WITH_CODE, "a close frame has 1 byte of payload, half a code");
      }
    } else {
      beginFragment(opcode, payloadLength);
    }
    frameFirst = (byte) (fin ? FIN | opcode : opcode);
    frameBytes = (int) payloadLength;
    frameOffset = 0;
    controlBytes = 0;
  }

  private void beginFragment(int opcode, long payloadLength) throws ProtocolViolation {
    if (opcode == Opcode.CONTINUATION) {
      if (messageOpcode == NO_MESSAGE) {
        throw new ProtocolViolation(
            Rule.CONTINUATION_HAS_BEGINNING, "a continuation frame continues no message");
      }
    } else if (messageOpcode != NO_MESSAGE) {
      throw new ProtocolViolation(
          Rule.MESSAGES_ARE_NOT_INTERLEAVED,
          "a " + Opcode.name(opcode) + " frame begins inside a fragmented message");
    } else {
      messageOpcode = (byte) opcode;
    }
    fragments++;
    checkMessageLimits(payloadLength);
  }

  void checkMessageLimits(long payloadLength) throws ProtocolViolation {
    if (fragments > limits.maxFragments()) {
      throw new ProtocolViolation(
          Rule.FRAGMENTS_ARE_WITHIN_LIMIT,
          "a message has more than " + limits.maxFragments() + " fragments");
    }
    requireWithinLimit(gatheredBytes + Math.max(payloadLength, 0));
  }

  private void requireWithinLimit(long messageBytes) throws ProtocolViolation {
    if (messageBytes > limits.maxMessageBytes()) {
      throw new ProtocolViolation(
          Rule.MESSAGE_IS_WITHIN_LIMIT,
          "a message has at least "
              + messageBytes
              + " bytes, at most "
              + limits.maxMessageBytes()
              + " are taken");
    }
  }

  @Override
  public void onPayload(MemorySegment buffer, int offset, int length) throws ProtocolViolation {
    if (Opcode.isControl(frameFirst)) {
      controlPayload(buffer, offset, length);
      return;
    }
    if (isText()) {
      utf8 = Utf8Validator.step(utf8, buffer, offset, length);
      if (utf8 == Utf8Validator.REJECT) {
        throw new ProtocolViolation(Rule.TEXT_IS_UTF8, "a text message is not UTF-8");
      }
    }
    if (length == frameBytes && isFin() && gatheredBytes == 0) {
      frame = buffer;
      frameOffset = offset;
    } else {
      gather(buffer, offset, length);
    }
  }

  @Override
  public boolean onWholeFrame(
      int opcode, boolean fin, int rsv, MemorySegment buffer, int offset, int length)
      throws ProtocolViolation {
    boolean text = opcode == Opcode.TEXT;
    if (!fin
        || !(text || opcode == Opcode.BINARY)
        || isInsideMessage()
        || length > limits.maxMessageBytes()
        || (text && !isUtf8(buffer, offset, length))) {
      // What breaks a rule breaks it in one of the steps, which knows its name.
      return onWholeFrameInSteps(opcode, fin, rsv, buffer, offset, length);
    }
    return sink.onMessage(text, buffer, offset, length);
  }

  private static boolean isUtf8(MemorySegment buffer, int offset, int length) {
    int end = Utf8Validator.step(Utf8Validator.ACCEPT, buffer, offset, length);
    return end == Utf8Validator.ACCEPT;
  }

  final boolean onWholeFrameInSteps(
      int opcode, boolean fin, int rsv, MemorySegment buffer, int offset, int length)
      throws ProtocolViolation {
    return FrameSink.super.onWholeFrame(opcode, fin, rsv, buffer, offset, length);
  }

  private void controlPayload(MemorySegment buffer, int offset, int length) {
    if (length == frameBytes) {
      frame = buffer;
      frameOffset = offset;
      return;
    }
    if (frame == null) {
      frame = buffers.borrow(frameBytes);
      frameIsBorrowed = true;
    }
    MemorySegment.copy(buffer, offset, frame, controlBytes, length);
    controlBytes += (byte) length;
  }

  void gather(MemorySegment buffer, int offset, int length) throws ProtocolViolation {
    if (frameBytes < 0) {
      requireWithinLimit((long) gatheredBytes + length);
    }
    MemorySegment target = roomFor(length);
    MemorySegment.copy(buffer, offset, target, gatheredBytes, length);
    gatheredBytes += length;
  }

  private MemorySegment roomFor(int length) throws ProtocolViolation {
    MemorySegment old = gathered;
    int needed = gatheredBytes + length;
    if (old == null) {
      gathered = borrow(needed, Math.min(frameBytes, FIRST_BORROW_BYTES));
      return gathered;
    }
    if (needed <= old.byteSize()) {
      return old;
    }
    int doubled = (int) Math.min(2 * old.byteSize(), limits.maxMessageBytes());
    MemorySegment bigger = borrow(needed, doubled);
    MemorySegment.copy(old, 0, bigger, 0, gatheredBytes);
    gathered = bigger;
    buffers.giveBack(old);
    return bigger;
  }

  private MemorySegment borrow(int needed, int wanted) throws ProtocolViolation {
    int most = buffers.mostGathered();
    if (needed > most) {
      throw new ProtocolViolation(
          Rule.MESSAGE_IS_WITHIN_MEMORY,
          "a message has at least "
              + needed
              + " bytes, and there is memory for "
              + most
              + " at the moment");
    }
    return buffers.borrow(Math.max(needed, Math.min(wanted, most)));
  }

  @Override
  public boolean onFrameEnd() throws ProtocolViolation {
    if (Opcode.isControl(frameFirst)) {
      return deliverControl();
    }
    return !isFin() || deliverMessage();
  }

  boolean isFin() {
    return frameFirst < 0;
  }

  boolean deliverMessage() throws ProtocolViolation {
    if (utf8 != Utf8Validator.ACCEPT) {
      throw new ProtocolViolation(
          Rule.TEXT_IS_UTF8, "a text message ends in the middle of a character");
    }
    boolean text = isText();
    MemorySegment inPlace = frame;
    if (inPlace != null) {
      int length = frameBytes;
      frame = null;
      forgetMessage();
      // An empty first fragment never borrows, so there is nothing to give back.
      return sink.onMessage(text, inPlace, frameOffset, length);
    }
    MemorySegment borrowed = gathered;
    int length = gatheredBytes;
    gathered = null;
    forgetMessage();
    if (borrowed == null) {
      return sink.onMessage(text, MemorySegment.NULL, 0, 0);
    }
    try {
      return sink.onMessage(text, borrowed, 0, length);
    } finally {
      buffers.giveBack(borrowed);
    }
  }

  void forgetMessage() {
    gatheredBytes = 0;
    fragments = 0;
    utf8 = Utf8Validator.ACCEPT;
    messageOpcode = NO_MESSAGE;
  }

  private boolean deliverControl() throws ProtocolViolation {
    MemorySegment payload = frame == null ? MemorySegment.NULL : frame;
    boolean borrowed = frameIsBorrowed;
    frame = null;
    frameIsBorrowed = false;
    try {
      return switch (frameFirst & 0x0F) {
        case Opcode.PING -> sink.onPing(payload, frameOffset, frameBytes);
        case Opcode.PONG -> sink.onPong(payload, frameOffset, frameBytes);
        default -> deliverClose(payload);
      };
    } finally {
      if (borrowed) {
        buffers.giveBack(payload);
      }
    }
  }

  private boolean deliverClose(MemorySegment payload) throws ProtocolViolation {
    if (frameBytes == 0) {
      sink.onClose(CloseCode.NO_STATUS, "");
      return false;
    }
    int code = Short.toUnsignedInt(payload.get(SHORT, frameOffset));
    if (!CloseCode.mayBeSent(code)) {
      throw new ProtocolViolation(Rule.CLOSE_CODE_IS_DEFINED, "a close frame has the code " + code);
    }
    int offset = frameOffset + 2;
    int length = frameBytes - 2;
    if (Utf8Validator.step(Utf8Validator.ACCEPT, payload, offset, length) != Utf8Validator.ACCEPT) {
      throw new ProtocolViolation(
          Rule.CLOSE_REASON_IS_UTF8, "the reason of a close frame is not UTF-8");
    }
    byte[] reason = payload.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    sink.onClose(code, new String(reason, StandardCharsets.UTF_8));
    return false;
  }
}
