package dev.pollux.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// permessage-deflate without context takeover (RFC 7692) by `java.util.zip`, as a layer below a
/// test that knows nothing of it. One thread writes, another one may read.
final class DeflatedFrames implements AutoCloseable {
  static final int RSV1 = 0x40;
  private static final int FIN = 0x80;
  private static final int CONTROL = 0x08;
  private static final int TAIL_BYTES = 4;

  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
  private final Inflater inflater = new Inflater(true);

  /// The same frames with compressed messages; what is no sequence of whole masked frames stays as
  /// it is.
  synchronized byte[] compressed(byte[] frames) {
    var result = new ByteArrayOutputStream();
    ByteBuffer from = ByteBuffer.wrap(frames);
    while (from.hasRemaining()) {
      int first = from.get() & 0xff;
      if (from.remaining() < 5 || from.get(from.position()) >= 0) {
        return frames;
      }
      int length = from.get() & 0x7f;
      length =
          length == 126 ? from.getShort() & 0xffff : length == 127 ? (int) from.getLong() : length;
      if (from.remaining() < 4 + length) {
        return frames;
      }
      byte[] mask = new byte[4];
      byte[] payload = new byte[length];
      from.get(mask).get(payload);
      for (int i = 0; i < length; i++) {
        payload[i] ^= mask[i & 3];
      }
      result.writeBytes(
          (first & CONTROL) != 0 ? RawClient.frame(first, payload) : one(first, payload));
    }
    return result.toByteArray();
  }

  private byte[] one(int first, byte[] payload) {
    boolean begins = (first & 0x0f) != 0;
    if (begins) {
      deflater.reset();
    }
    byte[] target = new byte[payload.length + payload.length / 100 + 100];
    deflater.setInput(payload);
    int length = deflater.deflate(target, 0, target.length, Deflater.SYNC_FLUSH);
    boolean ends = (first & FIN) != 0;
    if (begins && ends && length - TAIL_BYTES >= payload.length) {
      return RawClient.frame(first, payload);
    }
    int sent = ends ? length - TAIL_BYTES : length;
    return RawClient.frame(begins ? first | RSV1 : first, Arrays.copyOf(target, sent));
  }

  byte[] inflated(byte[] payload) throws IOException {
    byte[] withTail = Arrays.copyOf(payload, payload.length + TAIL_BYTES);
    withTail[payload.length + 2] = -1;
    withTail[payload.length + 3] = -1;
    inflater.reset();
    inflater.setInput(withTail);
    var whole = new ByteArrayOutputStream();
    byte[] piece = new byte[1 << 16];
    try {
      for (int length = inflater.inflate(piece); length > 0; length = inflater.inflate(piece)) {
        whole.write(piece, 0, length);
      }
    } catch (DataFormatException e) {
      throw new IOException("what the server sent is not deflate's", e);
    }
    return whole.toByteArray();
  }

  @Override
  public void close() {
    deflater.end();
    inflater.end();
  }
}
