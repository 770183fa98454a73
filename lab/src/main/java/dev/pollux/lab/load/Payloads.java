package dev.pollux.lab.load;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.pollux.net.Connection;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.Masking;
import dev.pollux.websocket.Opcode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.SplittableRandom;

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
/// Any number of threads reads it.
final class Payloads implements AutoCloseable {
  private static final int WINDOWS = 1 << 14;
  private static final int KEY_BYTES = 4;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment plain;
  private final MemorySegment masked;
  private final MemorySegment header;
  private final int headerBytes;
  private final int payloadBytes;
  private final long seed;

  Payloads(long seed, int payloadBytes, boolean text) {
    this.seed = seed;
    this.payloadBytes = payloadBytes;
    int bytes = WINDOWS * KEY_BYTES + payloadBytes;
    byte[] run = new byte[bytes];
    SplittableRandom random = new SplittableRandom(seed);
    random.nextBytes(run);
    if (text) {
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
    int key = new SecureRandom().nextInt();
    Masking.mask(masked, 0, bytes, key, 0);
    this.headerBytes =
        FrameWriter.writeHeader(
            header, 0, text ? Opcode.TEXT : Opcode.BINARY, true, 0, payloadBytes, key);
  }

  /// Where a message's window begins.
  int window(int index, long sequence) {
    long mixed = seed + index * 0x9E3779B97F4A7C15L + sequence * 0xD1B54A32D192ED03L;
    mixed = (mixed ^ mixed >>> 32) * 0xBF58476D1CE4E5B9L;
    return ((int) (mixed >>> 40) & WINDOWS - 1) * KEY_BYTES;
  }

  /// Writes the frame of a message into the connection's output.
  void send(Connection connection, int index, long sequence) {
    int window = window(index, sequence);
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
