package dev.pollux.lab.load;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.pollux.net.Connection;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.Masking;
import dev.pollux.websocket.Opcode;
import dev.pollux.websocket.PerMessageDeflate;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/// The payloads of all messages, made before the first one is sent.
///
/// A long run of random bytes; message `sequence` of connection `index` is a window of it, whose
/// place depends on both and on the seed. So neighbours in time and place differ, a message is
/// known without being kept, and neither sending nor checking allocates.
///
/// The same run is kept masked too, with one key for all frames, because windows begin at multiples
/// of the key's length: a frame is then sent by copying. (RFC 6455 §5.3 wants a fresh key for each
/// frame, to protect proxies from what a script in a browser could make a client send. Nobody but
/// the load decides here what is sent, and the key is drawn anew for each run. A server's work is
/// the same.)
///
/// If they are to be compressed, the run is one of words, and there are fewer windows: each is
/// compressed and masked beforehand, for itself, so that the load's own CPU is not the server's.
///
/// Any number of threads reads it.
final class Payloads implements AutoCloseable {
  private static final int WINDOWS = 1 << 14;
  private static final int COMPRESSED_WINDOWS = 1 << 8;
  private static final int MOST_COMPRESSED_BYTES = 64 << 20;
  private static final int KEY_BYTES = 4;
  private static final ValueLayout.OfInt ROOM =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final Arena arena = Arena.ofShared();
  private final int windows;
  private final MemorySegment plain;
  private final MemorySegment masked;
  private final MemorySegment header;
  private final int headerBytes;
  private final int payloadBytes;
  private final int opcode;
  private final int key;
  private final long seed;

  /// Whole frames, by window; null if messages go as they are.
  private final MemorySegment @Nullable [] compressed;

  static Payloads of(LoadPlan plan) {
    return new Payloads(plan.seed(), plan.payloadBytes(), plan.text(), plan.compressed());
  }

  Payloads(long seed, int payloadBytes, boolean text, boolean compress) {
    this.seed = seed;
    this.payloadBytes = payloadBytes;
    this.windows = compress ? compressedWindows(payloadBytes) : WINDOWS;
    int bytes = windows * KEY_BYTES + payloadBytes;
    byte[] run = new byte[bytes];
    SplittableRandom random = new SplittableRandom(seed);
    random.nextBytes(run);
    if (compress) {
      Prose.fill(run, random);
    } else if (text) {
      // Printable ASCII: any window of it is valid UTF-8.
      for (int i = 0; i < bytes; i++) {
        run[i] = (byte) (' ' + (run[i] & 0xFF) % ('~' - ' ' + 1));
      }
    }
    this.plain = arena.allocate(bytes, Long.BYTES);
    this.masked = arena.allocate(bytes, Long.BYTES);
    this.header = arena.allocate(FrameWriter.MAX_HEADER_BYTES, Long.BYTES);
    MemorySegment.copy(run, 0, plain, JAVA_BYTE, 0, bytes);
    masked.copyFrom(plain);
    this.key = new SecureRandom().nextInt();
    Masking.mask(masked, 0, bytes, key, 0);
    this.opcode = text ? Opcode.TEXT : Opcode.BINARY;
    this.compressed = compress ? frames(run) : null;
    this.headerBytes = FrameWriter.writeHeader(header, 0, opcode, true, 0, payloadBytes, key);
  }

  private static int compressedWindows(int payloadBytes) {
    int most =
        Integer.highestOneBit(Math.max(1, MOST_COMPRESSED_BYTES / Math.max(1, payloadBytes)));
    return Math.min(COMPRESSED_WINDOWS, most);
  }

  private MemorySegment[] frames(byte[] run) {
    MemorySegment[] frames = new MemorySegment[windows];
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    byte[] out = new byte[payloadBytes + payloadBytes / 100 + 1024];
    for (int i = 0; i < windows; i++) {
      deflater.reset();
      deflater.setInput(run, i * KEY_BYTES, payloadBytes);
      // Without the four bytes of the flush at its end (RFC 7692 §7.2.1).
      int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH) - 4;
      MemorySegment frame = arena.allocate(FrameWriter.MAX_HEADER_BYTES + (long) length, 8);
      int head =
          FrameWriter.writeHeader(frame, 0, opcode, true, PerMessageDeflate.RSV1, length, key);
      MemorySegment.copy(out, 0, frame, JAVA_BYTE, head, length);
      Masking.mask(frame, head, length, key, 0);
      frames[i] = frame.asSlice(0, head + (long) length);
    }
    deflater.end();
    return frames;
  }

  /// Where a message's window begins.
  int window(int index, long sequence) {
    long mixed = seed + index * 0x9E3779B97F4A7C15L + sequence * 0xD1B54A32D192ED03L;
    mixed = (mixed ^ mixed >>> 32) * 0xBF58476D1CE4E5B9L;
    return ((int) (mixed >>> 40) & windows - 1) * KEY_BYTES;
  }

  /// Writes the frame of a message into the connection's output.
  void send(Connection connection, int index, long sequence) {
    int window = window(index, sequence);
    if (compressed != null) {
      MemorySegment frame = compressed[window / KEY_BYTES];
      connection.write(frame, 0, (int) frame.byteSize());
      return;
    }
    int first = Math.min(payloadBytes, Connection.MAX_RESERVE_BYTES - headerBytes);
    MemorySegment target = connection.reserve(headerBytes + first);
    int at = connection.reservedOffset();
    MemorySegment.copy(header, 0, target, at, headerBytes);
    MemorySegment.copy(masked, window, target, at + headerBytes, first);
    connection.commit(headerBytes + first);
    if (first < payloadBytes) {
      connection.write(masked, window + first, payloadBytes - first);
    }
  }

  /// Writes the frame of a message that begins with the number of a room, which is as long as the
  /// key.
  void sendTo(int room, Connection connection, int index, long sequence) {
    MemorySegment target = connection.reserve(FrameWriter.MAX_HEADER_BYTES + Integer.BYTES);
    int at = connection.reservedOffset();
    int length = Integer.BYTES + payloadBytes;
    int head = FrameWriter.writeHeader(target, at, opcode, true, 0, length, key);
    target.set(ROOM, (long) at + head, room);
    Masking.mask(target, at + head, Integer.BYTES, key, 0);
    connection.commit(head + Integer.BYTES);
    connection.write(masked, window(index, sequence), payloadBytes);
  }

  /// Compares a piece of a message that arrived with what it should be.
  ///
  /// @param window where the message's window begins
  /// @param done how many bytes of the message came before this piece
  /// @return the place in the message of the first byte that differs, or -1
  long difference(int window, int done, MemorySegment buffer, int offset, int length) {
    long from = (long) window + done;
    long at =
        MemorySegment.mismatch(buffer, offset, offset + (long) length, plain, from, from + length);
    return at < 0 ? -1 : done + at;
  }

  @Override
  public void close() {
    arena.close();
  }
}
