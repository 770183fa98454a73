package dev.pollux.websocket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// A [MessageAssembler] that delivers long messages in parts, as they arrive, and keeps nothing of
/// them but the beginning of a character that was cut. Short messages are delivered whole.
///
/// ```
///             more than wholeUpToBytes: what was gathered is the first part
///   GATHERING -----------------------------------------------------------> STREAMING
///       ^                                                                      |
///       +------------------------- the last part ------------------------------+
/// ```
///
/// A message in parts is not bound by [WebSocketLimits#maxMessageBytes()] and
/// [WebSocketLimits#maxFragments()]: what it would have to be kept from is memory.
public final class StreamingAssembler extends MessageAssembler {
  private final PartSink sink;
  private final int wholeUpToBytes;
  private boolean streaming;
  private boolean stopped;
  private boolean lastTold;
  private int frameReceived;

  // The bytes of a character whose rest is still to come, the first one in the top byte.
  private int cut;
  private byte cutBytes;

  /// @param wholeUpToBytes messages of at most so many bytes are delivered whole
  public StreamingAssembler(
      WebSocketLimits limits, MessageBuffers buffers, PartSink sink, int wholeUpToBytes) {
    super(limits, buffers, sink);
    this.sink = Objects.requireNonNull(sink, "sink");
    if (wholeUpToBytes < 0 || wholeUpToBytes > limits.maxMessageBytes()) {
      throw new IllegalArgumentException(
          "wholeUpToBytes is "
              + wholeUpToBytes
              + ", must be between 0 and maxMessageBytes ("
              + limits.maxMessageBytes()
              + ")");
    }
    this.wholeUpToBytes = wholeUpToBytes;
  }

  @Override
  public void discard() {
    super.discard();
    forgetMessage();
  }

  @Override
  void checkMessageLimits(long payloadLength) {
    // Beyond wholeUpToBytes nothing is kept.
  }

  @Override
  public void onFrameStart(int opcode, boolean fin, int rsv, long payloadLength)
      throws ProtocolViolation {
    frameReceived = 0;
    super.onFrameStart(opcode, fin, rsv, payloadLength);
  }

  @Override
  public void onPayload(MemorySegment buffer, int offset, int length) throws ProtocolViolation {
    frameReceived += length;
    super.onPayload(buffer, offset, length);
  }

  @Override
  public boolean onWholeFrame(
      int opcode, boolean fin, int rsv, MemorySegment buffer, int offset, int length)
      throws ProtocolViolation {
    return length <= wholeUpToBytes
        ? super.onWholeFrame(opcode, fin, rsv, buffer, offset, length)
        : onWholeFrameInSteps(opcode, fin, rsv, buffer, offset, length);
  }

  @Override
  void gather(MemorySegment buffer, int offset, int length) throws ProtocolViolation {
    if (!streaming && length <= wholeUpToBytes - gatheredBytes) {
      super.gather(buffer, offset, length);
      return;
    }
    if (!streaming) {
      streaming = true;
      deliverGathered();
    }
    boolean last = isFin() && frameReceived == frameBytes;
    if (last) {
      requireWholeText();
    }
    deliverPiece(buffer, offset, length, last);
  }

  private void deliverGathered() {
    MemorySegment begin = gathered;
    int length = gatheredBytes;
    gathered = null;
    gatheredBytes = 0;
    if (begin != null) {
      try {
        deliverPiece(begin, 0, length, false);
      } finally {
        buffers.giveBack(begin);
      }
    }
  }

  @Override
  boolean deliverMessage() throws ProtocolViolation {
    MemorySegment inPlace = frame;
    if (!streaming && (inPlace == null || frameBytes <= wholeUpToBytes)) {
      return super.deliverMessage();
    }
    requireWholeText();
    frame = null;
    if (inPlace != null) {
      deliverPiece(inPlace, frameOffset, frameBytes, true);
    } else if (!lastTold) {
      tell(MemorySegment.NULL, 0, 0, true);
    }
    forgetMessage();
    return !stopped;
  }

  @Override
  void forgetMessage() {
    super.forgetMessage();
    streaming = false;
    lastTold = false;
    cutBytes = 0;
    cut = 0;
  }

  private void requireWholeText() throws ProtocolViolation {
    if (utf8 != Utf8Validator.ACCEPT) {
      throw new ProtocolViolation(
          Rule.TEXT_IS_UTF8, "a text message ends in the middle of a character");
    }
  }

  private void deliverPiece(MemorySegment buffer, int offset, int length, boolean last) {
    if (!isText()) {
      tell(buffer, offset, length, last);
      return;
    }
    int at = offset;
    int end = offset + length;
    while (cutBytes > 0 && at < end) {
      addToCut(buffer.get(JAVA_BYTE, at++) & 0xFF);
      if (cutBytes == characterBytes(cut >>> 24)) {
        tellCut(last && at == end);
      }
    }
    int held = beginningAtEnd(buffer, at, end);
    if (at < end - held || (last && !lastTold)) {
      tell(buffer, at, end - held - at, last);
    }
    for (int i = end - held; i < end; i++) {
      addToCut(buffer.get(JAVA_BYTE, i) & 0xFF);
    }
  }

  private void addToCut(int value) {
    cut |= value << (24 - 8 * cutBytes);
    cutBytes++;
  }

  private void tellCut(boolean last) {
    MemorySegment character = buffers.borrow(Integer.BYTES);
    int length = cutBytes;
    for (int i = 0; i < length; i++) {
      character.set(JAVA_BYTE, i, (byte) (cut >>> (24 - 8 * i)));
    }
    cut = 0;
    cutBytes = 0;
    try {
      tell(character, 0, length, last);
    } finally {
      buffers.giveBack(character);
    }
  }

  private void tell(MemorySegment buffer, int offset, int length, boolean last) {
    lastTold = last;
    if (!stopped) {
      stopped = !sink.onPart(isText(), buffer, offset, length, last);
    }
  }

  /// How many bytes at the end begin a character that goes on behind it. The bytes are valid UTF-8
  /// so far.
  private static int beginningAtEnd(MemorySegment buffer, int from, int end) {
    for (int back = 1; back <= Math.min(3, end - from); back++) {
      int value = buffer.get(JAVA_BYTE, end - back) & 0xFF;
      if (value >= 0xC0) {
        return characterBytes(value) > back ? back : 0;
      }
      if (value < 0x80) {
        return 0;
      }
    }
    return 0;
  }

  private static int characterBytes(int lead) {
    return lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  }
}
