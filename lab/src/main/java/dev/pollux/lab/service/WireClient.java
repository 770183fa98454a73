package dev.pollux.lab.service;

import dev.pollux.websocket.ClientHandshake;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.Masking;
import dev.pollux.websocket.Opcode;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/// A client of a plain blocking socket: a WebSocket, or raw bytes. One thread at a time sends, and
/// one receives.
final class WireClient implements Closeable {
  private static final int MAX_RESPONSE_BYTES = 4096;

  private final Socket socket;
  private final boolean framed;
  private final DataInputStream in;
  private final OutputStream out;

  private WireClient(int port, boolean framed, int receiveBufferBytes) throws IOException {
    this.framed = framed;
    this.socket = new Socket();
    if (receiveBufferBytes > 0) {
      // Before connecting: later the window has been told already.
      socket.setReceiveBufferSize(receiveBufferBytes);
    }
    try {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      socket.setTcpNoDelay(true);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
    this.in = new DataInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  /// Bytes without frames.
  static WireClient raw(int port) throws IOException {
    return raw(port, 0);
  }

  /// Bytes without frames.
  ///
  /// @param receiveBufferBytes what the kernel may keep for it, 0 for the default
  static WireClient raw(int port, int receiveBufferBytes) throws IOException {
    return new WireClient(port, false, receiveBufferBytes);
  }

  /// A WebSocket that is open.
  ///
  /// @throws IOException if the server refuses it
  static WireClient webSocket(int port, String target) throws IOException {
    return webSocket(port, target, 0);
  }

  /// A WebSocket that is open.
  ///
  /// @param receiveBufferBytes what the kernel may keep for it, 0 for the default
  /// @throws IOException if the server refuses it
  static WireClient webSocket(int port, String target, int receiveBufferBytes) throws IOException {
    WireClient client = new WireClient(port, true, receiveBufferBytes);
    try {
      client.out.write(request(target));
      String response = client.responseHead();
      if (!response.startsWith("HTTP/1.1 101 ")) {
        throw new IOException(
            "the server answers " + response.lines().findFirst().orElse("nothing"));
      }
      return client;
    } catch (IOException e) {
      client.close();
      throw e;
    }
  }

  private static byte[] request(String target) {
    byte[] nonce = new byte[ClientHandshake.NONCE_BYTES];
    ThreadLocalRandom.current().nextBytes(nonce);
    return new ClientHandshake(URI.create("ws://localhost" + target), nonce, List.of()).request();
  }

  private String responseHead() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < MAX_RESPONSE_BYTES && head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      head.append((char) next);
    }
    return head.toString();
  }

  /// How long [#receive] waits before it throws [java.net.SocketTimeoutException]; 0 for ever.
  void patience(int millis) throws IOException {
    socket.setSoTimeout(millis);
  }

  /// Sends a message.
  void send(byte[] payload, boolean text) throws IOException {
    out.write(framed ? frame(payload, text) : payload);
  }

  /// Receives as many bytes as were sent; the payload of one whole frame.
  byte[] receive(int length) throws IOException {
    byte[] payload = new byte[framed ? frameLength() : length];
    in.readFully(payload);
    return payload;
  }

  private int frameLength() throws IOException {
    in.readByte();
    int length = in.readByte() & 0x7f;
    return switch (length) {
      case 126 -> in.readUnsignedShort();
      case 127 -> Math.toIntExact(in.readLong());
      default -> length;
    };
  }

  /// A whole masked frame (RFC 6455 §5.2).
  static byte[] frame(byte[] payload, boolean text) {
    try (Arena arena = Arena.ofConfined()) {
      int key = ThreadLocalRandom.current().nextInt();
      int header = FrameWriter.headerBytes(payload.length, true);
      MemorySegment frame = arena.allocate((long) header + payload.length);
      FrameWriter.writeHeader(
          frame, 0, text ? Opcode.TEXT : Opcode.BINARY, true, 0, payload.length, key);
      MemorySegment.copy(payload, 0, frame, ValueLayout.JAVA_BYTE, header, payload.length);
      Masking.mask(frame, header, payload.length, key, 0);
      return frame.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
