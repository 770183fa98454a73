package dev.pollux.websocket;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the connections of one server (or client) share for permessage-deflate: the implementation,
/// the options, and the streams that are needed for the time of one message only. Any thread.
///
/// It is closed after the last connection has ended.
public final class DeflateStreams implements AutoCloseable {
  private final Compression compression;
  private final CompressionOptions options;
  private final MemoryAccount memory;
  private final StreamPool<Compressor>[] compressors;

  /// What [Compressor#deflate] wants at least.
  private static final int LEAST_ROOM_BYTES = 16;

  private final StreamPool<Decompressor> decompressors = new StreamPool<>();

  private final LongAdder messagesIn = new LongAdder();
  private final LongAdder deflatedBytesIn = new LongAdder();
  private final LongAdder inflatedBytesIn = new LongAdder();
  private final LongAdder messagesOut = new LongAdder();
  private final LongAdder inflatedBytesOut = new LongAdder();
  private final LongAdder deflatedBytesOut = new LongAdder();
  private final LongAdder compressions = new LongAdder();

  // What was agreed upon last: most peers agree upon the same, and then share the object.
  private volatile @Nullable DeflateParameters latest;

  /// @param memory what the streams are charged to of which there may be one for each peer
  public DeflateStreams(Compression compression, CompressionOptions options, MemoryAccount memory) {
    this.compression = compression;
    this.options = options;
    this.memory = memory;
    this.compressors = poolsByWindowBits();
  }

  // A generic array can't be made.
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static StreamPool<Compressor>[] poolsByWindowBits() {
    StreamPool<Compressor>[] pools = new StreamPool[Compression.MAX_WINDOW_BITS + 1];
    for (int bits = Compression.MIN_WINDOW_BITS; bits < pools.length; bits++) {
      pools[bits] = new StreamPool<>();
    }
    return pools;
  }

  public Compression compression() {
    return compression;
  }

  public CompressionOptions options() {
    return options;
  }

  /// A server's choice among a client's offers, as [DeflateNegotiation#accept].
  public DeflateNegotiation.@Nullable Accepted accept(List<Extension> offers) {
    var accepted = DeflateNegotiation.accept(offers, options, compression.leastWindowBits());
    if (accepted == null) {
      return null;
    }
    return new DeflateNegotiation.Accepted(shared(accepted.parameters()), accepted.answer());
  }

  private DeflateParameters shared(DeflateParameters parameters) {
    DeflateParameters known = latest;
    if (known != null && known.equals(parameters)) {
      return known;
    }
    latest = parameters;
    return parameters;
  }

  /// What a client offers, as [DeflateNegotiation#offer].
  public Extension offer() {
    return DeflateNegotiation.offer(options, compression.leastWindowBits());
  }

  /// Checks a server's answer, as [DeflateNegotiation#agreed].
  public @Nullable DeflateParameters agreed(List<Extension> answer) throws HttpException {
    DeflateParameters agreed =
        DeflateNegotiation.agreed(answer, options, compression.leastWindowBits());
    return agreed == null ? null : shared(agreed);
  }

  /// What was compressed so far.
  public DeflateStatistics statistics() {
    return new DeflateStatistics(
        messagesIn.sum(),
        deflatedBytesIn.sum(),
        inflatedBytesIn.sum(),
        messagesOut.sum(),
        inflatedBytesOut.sum(),
        deflatedBytesOut.sum(),
        compressions.sum());
  }

  void inflated(int deflatedBytes, int inflatedBytes) {
    deflatedBytesIn.add(deflatedBytes);
    inflatedBytesIn.add(inflatedBytes);
  }

  void messageInflated() {
    messagesIn.increment();
  }

  /// Compresses a message for many peers, by itself: whose [PerMessageDeflate#windowBitsForShared]
  /// is that window can be sent it.
  ///
  /// @param windowBits the window that the receivers have agreed to
  /// @param source native memory with the message
  /// @param target native memory, at least `length` bytes
  /// @return bytes written; -1 if the message is to be sent as it is, because it is too short, or
  ///   becomes no shorter
  public int deflateForMany(
      int windowBits, MemorySegment source, int length, MemorySegment target) {
    if (length < Math.max(options.thresholdBytes(), LEAST_ROOM_BYTES) || !canKeepTo(windowBits)) {
      return -1;
    }
    Compressor taken = takeCompressor(windowBits);
    try {
      taken.input(source, 0, length);
      int written = taken.deflate(target, 0, length, true);
      compressions.increment();
      // As many as there was room for means that there is more.
      return written == length ? -1 : written - PerMessageDeflate.TAIL_BYTES;
    } finally {
      giveBack(taken, windowBits);
    }
  }

  /// A message was sent that [#deflateForMany] has compressed.
  void sentForMany(int inflatedBytes, int deflatedBytes) {
    messagesOut.increment();
    inflatedBytesOut.add(inflatedBytes);
    deflatedBytesOut.add(deflatedBytes);
  }

  /// @param begins whether a message begins with it
  void deflated(boolean begins, int inflatedBytes, int deflatedBytes) {
    if (begins) {
      messagesOut.increment();
    }
    inflatedBytesOut.add(inflatedBytes);
    deflatedBytesOut.add(deflatedBytes);
    compressions.increment();
  }

  boolean canKeepTo(int windowBits) {
    return windowBits >= compression.leastWindowBits();
  }

  /// A compressor for one session, for as long as it likes; [#close] follows. Null if there is no
  /// memory for it.
  @Nullable Compressor newCompressor(int windowBits) {
    int bytes = compression.compressorBytes(windowBits, options.memLevel());
    return memory.charge(bytes) ? charged(bytes, () -> compressor(windowBits)) : null;
  }

  /// What [#newCompressor] has made is not needed any more.
  void close(Compressor compressor, int windowBits) {
    memory.release(compression.compressorBytes(windowBits, options.memLevel()));
    compressor.close();
  }

  private Compressor compressor(int windowBits) {
    return compression.compressor(options.level(), windowBits, options.memLevel());
  }

  /// What could not be made takes no memory.
  private <T> T charged(int bytes, Supplier<T> maker) {
    try {
      return maker.get();
    } catch (Throwable t) {
      memory.release(bytes);
      throw t;
    }
  }

  /// A decompressor for one session, for as long as it likes; [#close] follows.
  ///
  /// @throws ProtocolViolation if there is no memory for it
  Decompressor newDecompressor(int windowBits) throws ProtocolViolation {
    int bytes = compression.decompressorBytes(windowBits);
    if (!memory.charge(bytes)) {
      throw new ProtocolViolation(
          Rule.MESSAGE_IS_WITHIN_MEMORY,
          "there is no memory to decompress a message with at the moment");
    }
    return charged(bytes, () -> compression.decompressor(windowBits));
  }

  /// What [#newDecompressor] has made is not needed any more.
  void close(Decompressor decompressor, int windowBits) {
    memory.release(compression.decompressorBytes(windowBits));
    decompressor.close();
  }

  /// A compressor with an empty history, for the length of a call: there are never more than
  /// threads run, and they are charged to nobody.
  Compressor takeCompressor(int windowBits) {
    Compressor kept = compressors[windowBits].take();
    return kept != null ? kept : compressor(windowBits);
  }

  void giveBack(Compressor compressor, int windowBits) {
    compressor.reset();
    if (!compressors[windowBits].giveBack(compressor)) {
      compressor.close();
    }
  }

  /// A decompressor with an empty history, for one message of any window, whose end its peer may
  /// let it wait for.
  ///
  /// @throws ProtocolViolation if there is no memory for it
  Decompressor takeDecompressor() throws ProtocolViolation {
    Decompressor kept = decompressors.take();
    return kept != null ? kept : newDecompressor(Compression.MAX_WINDOW_BITS);
  }

  void giveBack(Decompressor decompressor) {
    decompressor.reset();
    if (!decompressors.giveBack(decompressor)) {
      closeTaken(decompressor);
    }
  }

  /// What [#takeDecompressor] has returned can't be used again.
  void closeTaken(Decompressor decompressor) {
    close(decompressor, Compression.MAX_WINDOW_BITS);
  }

  /// Closes the streams that are not in use; those that are will be closed when they are given
  /// back.
  @Override
  public void close() {
    for (int bits = Compression.MIN_WINDOW_BITS; bits < compressors.length; bits++) {
      compressors[bits].close(Compressor::close);
    }
    decompressors.close(this::closeTaken);
  }
}
