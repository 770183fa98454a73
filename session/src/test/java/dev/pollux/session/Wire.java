package dev.pollux.session;

import dev.pollux.websocket.FrameParser;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.Masking;
import dev.pollux.websocket.MessageAssembler;
import dev.pollux.websocket.MessageBuffers;
import dev.pollux.websocket.MessageSink;
import dev.pollux.websocket.Opcode;
import dev.pollux.websocket.ProtocolViolation;
import dev.pollux.websocket.WebSocketLimits;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The peer's side of the wire: frames as it would send them, and what it would read.
final class Wire {
  private Wire() {}

  static byte[] text(String text) {
    return frame(Opcode.TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] binary(int length) {
    return frame(Opcode.BINARY, new byte[length]);
  }

  static byte[] close(int code, String reason) {
    MemorySegment payload = MemorySegment.ofArray(new byte[FrameWriter.MAX_CONTROL_BYTES]);
    int length = FrameWriter.writeClose(payload, 0, code, reason);
    return frame(Opcode.CLOSE, payload.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
  }

  /// A whole frame of a client.
  static byte[] frame(int opcode, byte[] payload) {
    return frame(opcode, true, payload);
  }

  static byte[] frame(int opcode, boolean fin, byte[] payload) {
    int key = 0x12_34_56_78;
    byte[] bytes = new byte[FrameWriter.headerBytes(payload.length, true) + payload.length];
    MemorySegment target = MemorySegment.ofArray(bytes);
    int header = FrameWriter.writeHeader(target, 0, opcode, fin, 0, payload.length, key);
    System.arraycopy(payload, 0, bytes, header, payload.length);
    Masking.mask(target, header, payload.length, key, 0);
    return bytes;
  }

  /// A whole frame of a server.
  static byte[] frameOfServer(int opcode, byte[] payload) {
    byte[] bytes = new byte[FrameWriter.headerBytes(payload.length, false) + payload.length];
    int header =
        FrameWriter.writeHeader(MemorySegment.ofArray(bytes), 0, opcode, true, 0, payload.length);
    System.arraycopy(payload, 0, bytes, header, payload.length);
    return bytes;
  }

  static byte[] join(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /// What a server sent, one word and the payload per message: `text hello`, `binary 3`, `close
  /// 1000 bye`.
  static List<String> read(byte[] bytes) {
    return read(bytes, false);
  }

  static List<String> read(byte[] bytes, boolean fromClient) {
    var reader = new Reader();
    var limits = WebSocketLimits.DEFAULT.withMaxMessageBytes(1 << 26).withMaxFrameBytes(1 << 26);
    try {
      new FrameParser(fromClient, limits)
          .parse(
              MemorySegment.ofArray(bytes),
              0,
              bytes.length,
              new MessageAssembler(limits, reader, reader));
    } catch (ProtocolViolation e) {
      throw new AssertionError("what the session sent breaks the protocol", e);
    }
    return reader.messages;
  }

  private static final class Reader implements MessageSink, MessageBuffers {
    private final List<String> messages = new ArrayList<>();

    @Override
    public boolean onMessage(boolean text, MemorySegment buffer, int offset, int length) {
      messages.add(text ? "text " + string(buffer, offset, length) : "binary " + length);
      return true;
    }

    @Override
    public boolean onPing(MemorySegment buffer, int offset, int length) {
      messages.add("ping " + string(buffer, offset, length));
      return true;
    }

    @Override
    public boolean onPong(MemorySegment buffer, int offset, int length) {
      messages.add("pong " + string(buffer, offset, length));
      return true;
    }

    @Override
    public boolean onClose(int code, String reason) {
      messages.add(("close " + code + " " + reason).strip());
      return false;
    }

    private static String string(MemorySegment buffer, int offset, int length) {
      return new String(
          buffer.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    @Override
    public MemorySegment borrow(int minBytes) {
      return MemorySegment.ofArray(new byte[minBytes]);
    }

    @Override
    public void giveBack(MemorySegment buffer) {}
  }
}
