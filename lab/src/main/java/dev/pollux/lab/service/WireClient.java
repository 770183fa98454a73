package dev.pollux.lab.service;

import dev.pollux.websocket.ClientHandshake;
import dev.pollux.websocket.Opcode;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ThreadLocalRandom;

/// A client of a plain blocking socket: a WebSocket, or raw bytes. One thread at a time sends, and
/// one receives.
final class WireClient implements Closeable, ServerFrames.Receiver {
  private static final int MAX_RESPONSE_BYTES = 4096;
  private static final int BUFFER_BYTES = 16 * 1024;

  private final Socket socket;
  private final boolean framed;
  private final DataInputStream in;
  private final OutputStream out;

  // Of a WebSocket: what was read, and the messages that are whole and nobody has asked for yet.
  private final ServerFrames frames = new ServerFrames(this);
  private final byte[] buffer;
  private final MemorySegment bufferSegment;
  private final ByteArrayOutputStream message = new ByteArrayOutputStream();
  private final Queue<byte[]> messages = new ArrayDeque<>();

  private WireClient(int port, boolean framed, int receiveBufferBytes) throws IOException {
    this.framed = framed;
    this.buffer = new byte[framed ? BUFFER_BYTES : 0];
    this.bufferSegment = MemorySegment.ofArray(buffer);
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
    write(framed ? frame(payload, text) : payload);
  }

  // A frame is not cut by the answer to a ping, which the thread that receives sends.
  private synchronized void write(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  /// Receives as many bytes as were sent; the payload of one whole message. Pings that come before
  /// it are answered.
  ///
  /// @throws IOException if the server ends the connection, by a close frame or without one
  byte[] receive(int length) throws IOException {
    if (!framed) {
      byte[] bytes = new byte[length];
      in.readFully(bytes);
      return bytes;
    }
    while (messages.isEmpty()) {
      int read = in.read(buffer);
      if (read < 0) {
        throw new EOFException("the server ended the connection without a close frame");
      }
      frames.take(bufferSegment, read);
    }
    return messages.remove();
  }

  @Override
  public void onStart(int messageOpcode) {
    message.reset();
  }

  @Override
  public void onPayload(MemorySegment from, int offset, int length) {
    // It is the buffer that was read into.
    message.write(buffer, offset, length);
  }

  @Override
  public void onMessage() {
    messages.add(message.toByteArray());
  }

  @Override
  public void answer(byte[] frame) throws IOException {
    write(frame);
  }

  /// A whole masked frame (RFC 6455 §5.2).
  static byte[] frame(byte[] payload, boolean text) {
    return ServerFrames.masked(text ? Opcode.TEXT : Opcode.BINARY, payload, payload.length);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
