package dev.pollux.websocket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// permessage-deflate (RFC 7692) of one connection. Between [FrameParser] and [MessageAssembler] it
/// inflates the messages that have RSV1; what is to be sent it deflates.
///
/// ```
///          text/binary without RSV1                  text/binary with RSV1
///   AS IS <------------------------- between messages -----------------------> INFLATING
///     |                                  ^      ^                                 |
///     +-- FIN: handed on ----------------+      +--- FIN: 00 00 ff ff behind it --+
///
///   ping, pong, close: in any state, handed on as they are
/// ```
///
/// Streams come from [DeflateStreams]: for the time of one message where there is no context
/// takeover, else for this connection, when the first message needs one. Memory for what is
/// inflated grows with it and ends at [WebSocketLimits#maxMessageBytes], whatever was claimed.
///
/// One object per connection that agreed to the extension, 48 bytes. It belongs to the connection's
/// owner.
public final class PerMessageDeflate implements FrameSink {
  /// The bit of a frame's `rsv` that marks a compressed message (RFC 7692 §6).
  public static final int RSV1 = 4;

  private static final int PIECE_BYTES = 16 << 10;
  private static final int LEAST_ROOM_BYTES = 32;

  // RFC 7692 §7.2.1: an empty block without compression, which is not sent.
  static final int TAIL_BYTES = 4;
  private static final MemorySegment TAIL =
      Arena.global().allocateFrom(JAVA_BYTE, new byte[] {0, 0, -1, -1});

  private final DeflateStreams streams;
  private final DeflateParameters parameters;
  private final MessageBuffers buffers;
  private final MessageAssembler next;
  private final boolean client;

  // Kept with context takeover; without, the decompressor only while a message is inflated.
  private @Nullable Compressor compressor;
  private @Nullable Decompressor decompressor;
  private int deflatedBytes;

  private boolean deflatedSinceIdle;
  private boolean deflatingParts;
  private boolean inflating;
  private boolean messageHasBytes;
  private boolean frameIsControl;
  private boolean frameIsFin;
  private boolean discarded;

  /// @param client whether this side is the client
  /// @param next takes the frames as they are without the extension
  public PerMessageDeflate(
      DeflateStreams streams,
      DeflateParameters parameters,
      boolean client,
      MessageBuffers buffers,
      MessageAssembler next) {
    this.streams = streams;
    this.parameters = parameters;
    this.client = client;
    this.buffers = buffers;
    this.next = next;
  }

  /// What was agreed upon.
  public DeflateParameters parameters() {
    return parameters;
  }

  // Inflating

  @Override
  public void onFrameStart(int opcode, boolean fin, int rsv, long payloadLength)
      throws ProtocolViolation {
    frameIsControl = Opcode.isControl(opcode);
    if (frameIsControl) {
      next.onFrameStart(opcode, fin, rsv, payloadLength);
      return;
    }
    boolean compressed = opcode == Opcode.CONTINUATION ? inflating : (rsv & RSV1) != 0;
    next.onFrameStart(opcode, fin, 0, compressed ? MessageAssembler.UNKNOWN_LENGTH : payloadLength);
    frameIsFin = fin;
    inflating = compressed;
    messageHasBytes &= opcode == Opcode.CONTINUATION;
  }

  @Override
  public void onPayload(MemorySegment buffer, int offset, int length) throws ProtocolViolation {
    if (frameIsControl || !inflating) {
      next.onPayload(buffer, offset, length);
    } else if (buffer.isNative()) {
      inflate(buffer, offset, length);
    } else {
      inflateFromHeap(buffer, offset, length);
    }
  }

  @Override
  public boolean onFrameEnd() throws ProtocolViolation {
    if (!frameIsControl && inflating && frameIsFin) {
      endInflating();
    }
    return next.onFrameEnd();
  }

  private void inflate(MemorySegment source, long offset, int length) throws ProtocolViolation {
    if (discarded) {
      return;
    }
    messageHasBytes = true;
    Decompressor inflater = decompressor();
    MemorySegment piece = buffers.borrow(PIECE_BYTES);
    int room = (int) piece.byteSize();
    try {
      inflater.input(source, offset, length);
      int deflated = length;
      int written = room;
      // The sink may end the connection, and with it the decompressor, when it is told something.
      while (written == room && !discarded) {
        written = inflater.inflate(piece, 0, room);
        if (written == Decompressor.INVALID) {
          throw new ProtocolViolation(
              Rule.COMPRESSED_DATA_IS_DEFLATE, "a compressed message is not deflate's");
        }
        if (written > 0) {
          streams.inflated(deflated, written);
          deflated = 0;
          next.onPayload(piece, 0, written);
        }
      }
    } finally {
      buffers.giveBack(piece);
    }
  }

  private void inflateFromHeap(MemorySegment buffer, int offset, int length)
      throws ProtocolViolation {
    MemorySegment staged = buffers.borrow(length);
    try {
      MemorySegment.copy(buffer, offset, staged, 0, length);
      inflate(staged, 0, length);
    } finally {
      buffers.giveBack(staged);
    }
  }

  private void endInflating() throws ProtocolViolation {
    inflating = false;
    Decompressor inflater = decompressor;
    if (inflater == null || !messageHasBytes) {
      // Strictly, nothing is not deflate's; but every decompressor makes nothing of it.
      return;
    }
    if (!inflater.isFinished()) {
      inflate(TAIL, 0, TAIL_BYTES);
    }
    if (discarded) {
      return;
    }
    if (!inflater.isBetweenBlocks()) {
      throw new ProtocolViolation(
          Rule.COMPRESSED_DATA_IS_DEFLATE, "a compressed message ends in the middle of a block");
    }
    streams.messageInflated();
    if (parameters.noContextTakeover(!client)) {
      decompressor = null;
      streams.giveBack(inflater);
    }
  }

  private Decompressor decompressor() throws ProtocolViolation {
    Decompressor present = decompressor;
    if (present == null) {
      present =
          parameters.noContextTakeover(!client)
              ? streams.takeDecompressor()
              : streams.newDecompressor(parameters.maxWindowBits(!client));
      decompressor = present;
    }
    return present;
  }

  // Deflating

  /// Compresses a message.
  ///
  /// @return the compressed payload, [#deflatedBytes()] long, in a borrowed buffer that the caller
  ///   gives back, to be sent with [#RSV1]; null if the message is to be sent as it is, because it
  ///   is too short, or becomes no shorter
  public @Nullable MemorySegment deflate(MemorySegment payload, long offset, int length) {
    int windowBits = parameters.maxWindowBits(client);
    if (length == 0
        || length < streams.options().thresholdBytes()
        || discarded
        || !streams.canKeepTo(windowBits)) {
      return null;
    }
    MemorySegment deflated = deflateAsAgreed(windowBits, payload, offset, length);
    // With history it is sent even if it is longer: the peer's must have what this side's has.
    if (deflatedBytes < length || !parameters.noContextTakeover(client)) {
      streams.deflated(true, length, deflatedBytes);
      return deflated;
    }
    buffers.giveBack(deflated);
    return null;
  }

  /// Whether a message that is sent in parts is sent compressed: asked with each of its parts,
  /// decided with the first.
  public boolean deflatesParts(boolean first) {
    if (first) {
      deflatingParts = streams.canKeepTo(parameters.maxWindowBits(client));
    }
    return deflatingParts && !discarded;
  }

  /// Compresses a part of a message, if [#deflatesParts]. Without context takeover each part is
  /// compressed for itself, so that nothing is kept between two of them.
  ///
  /// @return the compressed payload, [#deflatedBytes()] long, in a borrowed buffer that the caller
  ///   gives back; the first one is to be sent with [#RSV1]
  public MemorySegment deflatePart(
      MemorySegment payload, long offset, int length, boolean first, boolean last) {
    MemorySegment deflated =
        length == 0
            ? emptyBlock()
            : deflateAsAgreed(parameters.maxWindowBits(client), payload, offset, length);
    if (!last) {
      // §7.2.1: only the end of the message goes without the empty block's tail.
      deflatedBytes += TAIL_BYTES;
    }
    streams.deflated(first, length, deflatedBytes);
    return deflated;
  }

  /// §7.2.3.6: the first byte of an empty block without compression. What was before it ended with
  /// a whole byte.
  private MemorySegment emptyBlock() {
    MemorySegment block = buffers.borrow(1 + TAIL_BYTES);
    block.set(JAVA_BYTE, 0, (byte) 0);
    MemorySegment.copy(TAIL, 0, block, 1, TAIL_BYTES);
    deflatedBytes = 1;
    return block;
  }

  private MemorySegment deflateAsAgreed(
      int windowBits, MemorySegment payload, long offset, int length) {
    Compressor kept = parameters.noContextTakeover(client) ? null : withHistory(windowBits);
    if (kept != null) {
      return deflateWithHistory(kept, payload, offset, length);
    }
    // Nothing before it is referred to, which is always allowed.
    Compressor taken = streams.takeCompressor(windowBits);
    try {
      return deflate(taken, payload, offset, length);
    } finally {
      streams.giveBack(taken, windowBits);
    }
  }

  /// How many bytes [#deflate] or [#deflatePart] has made of the last message or part.
  public int deflatedBytes() {
    return deflatedBytes;
  }

  /// Null if there is no memory for it.
  private @Nullable Compressor withHistory(int windowBits) {
    Compressor kept = compressor;
    if (kept == null) {
      kept = streams.newCompressor(windowBits);
      compressor = kept;
    }
    return kept;
  }

  private MemorySegment deflateWithHistory(
      Compressor kept, MemorySegment payload, long offset, int length) {
    deflatedSinceIdle = true;
    try {
      return deflate(kept, payload, offset, length);
    } catch (Throwable e) {
      forgetHistory();
      throw e;
    }
  }

  private MemorySegment deflate(
      Compressor deflater, MemorySegment payload, long offset, int length) {
    deflatedBytes = 0;
    MemorySegment target =
        buffers.borrow(Math.min(length, PIECE_BYTES - LEAST_ROOM_BYTES) + LEAST_ROOM_BYTES);
    if (payload.isNative()) {
      deflater.input(payload, offset, length);
      target = deflatePiece(deflater, target, true);
    } else {
      MemorySegment staged = buffers.borrow(Math.min(length, PIECE_BYTES));
      try {
        for (int done = 0; done < length; ) {
          int piece = Math.min(length - done, PIECE_BYTES);
          MemorySegment.copy(payload, offset + done, staged, 0, piece);
          done += piece;
          deflater.input(staged, 0, piece);
          target = deflatePiece(deflater, target, done == length);
        }
      } finally {
        buffers.giveBack(staged);
      }
    }
    deflatedBytes -= TAIL_BYTES;
    return target;
  }

  private MemorySegment deflatePiece(Compressor deflater, MemorySegment into, boolean last) {
    MemorySegment target = into;
    int room;
    int written;
    do {
      if (target.byteSize() - deflatedBytes < LEAST_ROOM_BYTES) {
        target = bigger(target);
      }
      room = (int) target.byteSize() - deflatedBytes;
      written = deflater.deflate(target, deflatedBytes, room, last);
      deflatedBytes += written;
    } while (written == room);
    return target;
  }

  private MemorySegment bigger(MemorySegment target) {
    MemorySegment bigger = buffers.borrow(Math.toIntExact(2 * target.byteSize()));
    MemorySegment.copy(target, 0, bigger, 0, deflatedBytes);
    buffers.giveBack(target);
    return bigger;
  }

  // The rest

  /// The window, in bits, with which a message that [DeflateStreams#deflateForMany] has compressed
  /// may be sent to this peer, with [#RSV1]: after it [#sentForeign] is to be called. 0 for none.
  public int windowBitsForShared() {
    int windowBits = parameters.maxWindowBits(client);
    return !discarded && streams.canKeepTo(windowBits) ? windowBits : 0;
  }

  /// Such a message was sent: what comes next refers to none before it.
  public void sentForeign(int inflatedBytes, int foreignBytes) {
    forgetHistory();
    streams.sentForMany(inflatedBytes, foreignBytes);
  }

  /// The next message refers to none before it.
  public void forgetHistory() {
    if (compressor != null) {
      compressor.reset();
    }
  }

  /// To be called now and then: gives the compressor's memory back if nothing was compressed since
  /// the last call. (Not the decompressor's: what the peer sends next may refer to its history.)
  public void onIdle() {
    Compressor unused = deflatedSinceIdle ? null : compressor;
    deflatedSinceIdle = false;
    if (unused != null) {
      compressor = null;
      streams.close(unused, parameters.maxWindowBits(client));
    }
  }

  /// Gives all memory back. To be called when the connection ends, however it ends; calling it
  /// again, or from within the sink, does no harm.
  public void discard() {
    discarded = true;
    Compressor deflater = compressor;
    Decompressor inflater = decompressor;
    compressor = null;
    decompressor = null;
    if (deflater != null) {
      streams.close(deflater, parameters.maxWindowBits(client));
    }
    if (inflater != null) {
      if (parameters.noContextTakeover(!client)) {
        streams.closeTaken(inflater);
      } else {
        streams.close(inflater, parameters.maxWindowBits(!client));
      }
    }
  }
}
