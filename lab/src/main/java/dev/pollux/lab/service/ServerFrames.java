package dev.pollux.lab.service;

import dev.pollux.websocket.CloseCode;
import dev.pollux.websocket.FrameParser;
import dev.pollux.websocket.FrameSink;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.Masking;
import dev.pollux.websocket.Opcode;
import dev.pollux.websocket.ProtocolViolation;
import dev.pollux.websocket.WebSocketLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ThreadLocalRandom;

/// What a server sends to one client, told apart: the payload of its messages, and what may come at
/// any time, also inside of a message in several frames (RFC 6455 §5.4). A ping is answered, a pong
/// is of no concern, and a close frame ends the connection with its code as the error.
final class ServerFrames implements FrameSink {
  private final FrameParser parser = new FrameParser(false, WebSocketLimits.DEFAULT);
  private final Receiver receiver;
  private final byte[] control = new byte[FrameWriter.MAX_CONTROL_BYTES];
  private int controlBytes;
  private int opcode;
  private boolean fin;
  private boolean inside;

  /// The client that the frames are for.
  interface Receiver {
    /// A message begins: [Opcode#TEXT] or [Opcode#BINARY].
    void onStart(int messageOpcode) throws IOException;

    /// The next bytes of a message, valid during the call.
    void onPayload(MemorySegment buffer, int offset, int length) throws IOException;

    /// The message is whole.
    void onMessage() throws IOException;

    /// Sends a whole frame that answers one of the server's.
    void answer(byte[] frame) throws IOException;
  }

  ServerFrames(Receiver receiver) {
    this.receiver = receiver;
  }

  /// Takes the next bytes of the connection, all of them.
  ///
  /// @throws IOException if the server closed the WebSocket or broke the protocol, and what the
  ///   receiver throws
  void take(MemorySegment buffer, int length) throws IOException {
    try {
      parser.parse(buffer, 0, length, this);
    } catch (ProtocolViolation violation) {
      throw new IOException("the server broke RFC 6455: " + violation.getMessage(), violation);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  @Override
  public void onFrameStart(int frameOpcode, boolean last, int rsv, long payloadLength) {
    opcode = frameOpcode;
    fin = last;
    if (Opcode.isControl(frameOpcode)) {
      controlBytes = 0;
      return;
    }
    boolean continued = frameOpcode == Opcode.CONTINUATION;
    try {
      if (continued != inside) {
        throw new IOException(
            continued ? "a continuation of no message" : "a message within a fragmented one");
      }
      if (!continued) {
        inside = true;
        receiver.onStart(frameOpcode);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onPayload(MemorySegment buffer, int offset, int length) {
    if (Opcode.isControl(opcode)) {
      MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, offset, control, controlBytes, length);
      controlBytes += length;
      return;
    }
    try {
      receiver.onPayload(buffer, offset, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean onFrameEnd() {
    try {
      switch (opcode) {
        case Opcode.PING -> receiver.answer(masked(Opcode.PONG, control, controlBytes));
        case Opcode.PONG -> {}
        case Opcode.CLOSE -> closed();
        default -> {
          if (fin) {
            inside = false;
            receiver.onMessage();
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return true;
  }

  private void closed() throws IOException {
    int code =
        controlBytes < 2
            ? CloseCode.NO_STATUS
            : Byte.toUnsignedInt(control[0]) << 8 | Byte.toUnsignedInt(control[1]);
    IOException closed = new IOException("the server closed the WebSocket with " + code);
    try {
      receiver.answer(masked(Opcode.CLOSE, control, Math.min(2, controlBytes)));
    } catch (IOException e) {
      // It has gone already, which is no news.
      closed.addSuppressed(e);
    }
    throw closed;
  }

  /// A whole masked frame, as a client sends it (RFC 6455 §5.2).
  static byte[] masked(int opcode, byte[] payload, int length) {
    try (Arena arena = Arena.ofConfined()) {
      int key = ThreadLocalRandom.current().nextInt();
      int header = FrameWriter.headerBytes(length, true);
      MemorySegment frame = arena.allocate((long) header + length);
      FrameWriter.writeHeader(frame, 0, opcode, true, 0, length, key);
      MemorySegment.copy(payload, 0, frame, ValueLayout.JAVA_BYTE, header, length);
      Masking.mask(frame, header, length, key, 0);
      return frame.toArray(ValueLayout.JAVA_BYTE);
    }
  }
}
