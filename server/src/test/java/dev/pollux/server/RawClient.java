package dev.pollux.server;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// A WebSocket client on a plain socket that does what the test says, the wrong things too. It
/// shares no code with the server.
public final class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 120_000;
  private static final byte[] MASK = {0x11, (byte) 0xA2, 0x33, (byte) 0xC4};

  private final Socket transport;

  /// The same, or TLS on it.
  private final Socket socket;

  private final DataInputStream in;
  private final OutputStream out;
  private byte[] lastPayload = {};

  /// With permessage-deflate, what compresses and inflates below the frames of the test.
  private @Nullable DeflatedFrames deflated;

  /// Connected, and nothing sent.
  RawClient(InetSocketAddress address, int receiveBufferBytes) throws IOException {
    this(address, receiveBufferBytes, null);
  }

  /// Connected, over TLS unless that is null, and nothing sent.
  RawClient(InetSocketAddress address, int receiveBufferBytes, @Nullable SSLContext tls)
      throws IOException {
    transport = new Socket();
    if (receiveBufferBytes > 0) {
      transport.setReceiveBufferSize(receiveBufferBytes);
    }
    transport.setTcpNoDelay(true);
    transport.setSoTimeout(TIMEOUT_MILLIS);
    transport.connect(address, TIMEOUT_MILLIS);
    socket =
        tls == null
            ? transport
            : tls.getSocketFactory().createSocket(transport, "localhost", address.getPort(), true);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
    out = socket.getOutputStream();
  }

  /// After the opening handshake.
  public RawClient(InetSocketAddress address, String target) throws IOException {
    this(address, target, 0);
  }

  RawClient(InetSocketAddress address, String target, int receiveBufferBytes) throws IOException {
    this(address, target, receiveBufferBytes, null);
  }

  RawClient(
      InetSocketAddress address, String target, int receiveBufferBytes, @Nullable SSLContext tls)
      throws IOException {
    this(address, receiveBufferBytes, tls);
    write(handshake(target));
    String response = readHead();
    if (!response.startsWith("HTTP/1.1 101 ")
        // The answer to this key in RFC 6455 §1.3.
        || !response.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")) {
      throw new IOException("not a handshake: " + response);
    }
  }

  /// After an opening handshake that has agreed upon permessage-deflate: what the test writes in
  /// whole frames is compressed, and what it reads was inflated.
  static RawClient compressing(
      InetSocketAddress address, String target, int receiveBufferBytes, @Nullable SSLContext tls)
      throws IOException {
    RawClient client = new RawClient(address, receiveBufferBytes, tls);
    String request = new String(handshake(target), StandardCharsets.US_ASCII);
    String offer = "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
    client.write(request.replace("\r\n\r\n", offer).getBytes(StandardCharsets.US_ASCII));
    String response = client.readHead();
    if (!response.contains(
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n")) {
      throw new IOException("no compression: " + response);
    }
    client.deflated = new DeflatedFrames();
    return client;
  }

  static byte[] handshake(String target) {
    return ("GET "
            + target
            + " HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "Sec-WebSocket-Version: 13\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] frame(int first, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(14 + payload.length);
    frame.put((byte) first);
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length < 65_536) {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(payload.length);
    }
    frame.put(MASK);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ MASK[i & 3]));
    }
    byte[] bytes = new byte[frame.position()];
    frame.flip().get(bytes);
    return bytes;
  }

  static byte[] text(String text) {
    return frame(0x81, text.getBytes(StandardCharsets.UTF_8));
  }

  void write(byte[] bytes) throws IOException {
    out.write(deflated == null ? bytes : deflated.compressed(bytes));
  }

  /// On another thread, because the server may stop reading until this side reads.
  Thread writeElsewhere(byte[] bytes) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            write(bytes);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  public void sendText(String text) throws IOException {
    write(text(text));
  }

  void sendClose(int code) throws IOException {
    write(frame(0x88, new byte[] {(byte) (code >> 8), (byte) code}));
  }

  /// The next frame: `text hello`, `binary 3`, `close 1000 reason`, `ping x`, `pong x`, or `end`
  /// when the server sends no more.
  public String read() throws IOException {
    int first;
    try {
      first = in.readUnsignedByte();
    } catch (EOFException e) {
      return "end";
    }
    int length = in.readUnsignedByte();
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = (int) in.readLong();
    }
    lastPayload = new byte[length];
    in.readFully(lastPayload);
    if (deflated != null && (first & DeflatedFrames.RSV1) != 0) {
      first ^= DeflatedFrames.RSV1;
      lastPayload = deflated.inflated(lastPayload);
      length = lastPayload.length;
    }
    String string = new String(lastPayload, StandardCharsets.UTF_8);
    return switch (first) {
      case 0x81 -> "text " + string;
      case 0x82 -> "binary " + length;
      case 0x88 -> {
        String reason =
            length > 2 ? " " + new String(lastPayload, 2, length - 2, StandardCharsets.UTF_8) : "";
        yield "close " + (length == 0 ? 1005 : ByteBuffer.wrap(lastPayload).getShort()) + reason;
      }
      case 0x89 -> "ping " + string;
      case 0x8A -> "pong " + string;
      default -> "frame " + Integer.toHexString(first);
    };
  }

  /// The payload of the frame that was read last.
  byte[] lastPayload() {
    return lastPayload;
  }

  /// An HTTP response's head.
  String readHead() throws IOException {
    var head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      head.write(in.readUnsignedByte());
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  /// All that comes until the server ends the connection.
  String readAll() throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  void halfClose() throws IOException {
    socket.shutdownOutput();
  }

  /// Ends with RST.
  void reset() throws IOException {
    transport.setSoLinger(true, 0);
    transport.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    if (deflated != null) {
      deflated.close();
    }
  }
}
