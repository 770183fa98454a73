package dev.pollux.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/// A [RawClient] with permessage-deflate by `java.util.zip`. It shares no code with the server.
final class DeflatingClient implements AutoCloseable {
  final RawClient raw;
  final @Nullable String extensions;
  private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
  private final Inflater inflater = new Inflater(true);

  DeflatingClient(InetSocketAddress address, String offer) throws IOException {
    raw = new RawClient(address, 0);
    String handshake = new String(RawClient.handshake("/echo"), StandardCharsets.US_ASCII);
    String field = "Sec-WebSocket-Extensions: ";
    raw.write(
        handshake
            .replace("\r\n\r\n", "\r\n" + field + offer + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    String head = raw.readHead();
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw new IOException(head);
    }
    extensions =
        head.lines()
            .filter(line -> line.startsWith(field))
            .map(line -> line.substring(field.length()))
            .findFirst()
            .orElse(null);
  }

  private boolean said(String parameter) {
    return extensions != null && extensions.contains(parameter);
  }

  byte[] compressed(byte[] payload) {
    if (said("client_no_context_takeover")) {
      deflater.reset();
    }
    byte[] target = new byte[payload.length + payload.length / 100 + 100];
    deflater.setInput(payload);
    int length = deflater.deflate(target, 0, target.length, Deflater.SYNC_FLUSH);
    return Arrays.copyOf(target, length - 4);
  }

  /// One binary message, compressed, in so many frames.
  byte[] message(byte[] payload, int frames) {
    byte[] bytes = compressed(payload);
    var wire = new ByteArrayOutputStream();
    for (int i = 0; i < frames; i++) {
      int first = (i == 0 ? 0x42 : 0) | (i == frames - 1 ? 0x80 : 0);
      int from = (int) ((long) bytes.length * i / frames);
      int to = (int) ((long) bytes.length * (i + 1) / frames);
      wire.writeBytes(RawClient.frame(first, Arrays.copyOfRange(bytes, from, to)));
    }
    return wire.toByteArray();
  }

  /// The next message, whether it is compressed or not, of at most so many bytes.
  byte[] read(int most) throws IOException, DataFormatException {
    String frame = raw.read();
    byte[] payload = raw.lastPayload();
    if (frame.startsWith("binary") || frame.startsWith("text")) {
      return payload;
    }
    if (!frame.equals("frame c2") && !frame.equals("frame c1")) {
      throw new IOException(frame);
    }
    if (said("server_no_context_takeover")) {
      inflater.reset();
    }
    byte[] withTail = Arrays.copyOf(payload, payload.length + 4);
    withTail[payload.length + 2] = -1;
    withTail[payload.length + 3] = -1;
    inflater.setInput(withTail);
    byte[] inflated = new byte[most + 1];
    return Arrays.copyOf(inflated, inflater.inflate(inflated));
  }

  @Override
  public void close() throws IOException {
    deflater.end();
    inflater.end();
    raw.close();
  }
}
