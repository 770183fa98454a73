package dev.pollux.zlib;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.pollux.websocket.CompressionOptions;
import dev.pollux.websocket.DeflateParameters;
import dev.pollux.websocket.DeflateStreams;
import dev.pollux.websocket.FrameParser;
import dev.pollux.websocket.MemoryAccount;
import dev.pollux.websocket.MessageAssembler;
import dev.pollux.websocket.MessageSink;
import dev.pollux.websocket.PerMessageDeflate;
import dev.pollux.websocket.ProtocolViolation;
import dev.pollux.websocket.WebSocketLimits;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// One end of a WebSocket in memory, with permessage-deflate: what it reads, it writes down (`text
/// hello`, `binary 0aff`, `ping 01`, `close 1000`, `violation RULE code`).
final class End implements MessageSink, AutoCloseable {
  static final WebSocketLimits LIMITS = WebSocketLimits.DEFAULT;

  final List<String> events = new ArrayList<>();
  final Lent buffers = new Lent();
  final PerMessageDeflate deflate;
  byte[] last = {};
  private final FrameParser parser;
  private final MessageAssembler assembler;
  private final boolean client;

  End(DeflateStreams streams, DeflateParameters parameters, boolean client) {
    this(streams, parameters, client, LIMITS);
  }

  End(
      DeflateStreams streams,
      DeflateParameters parameters,
      boolean client,
      WebSocketLimits limits) {
    this.client = client;
    parser = new FrameParser(!client, limits);
    parser.allowRsv(PerMessageDeflate.RSV1);
    assembler = new MessageAssembler(limits, buffers, this);
    deflate = new PerMessageDeflate(streams, parameters, client, buffers, assembler);
  }

  static DeflateStreams streams(dev.pollux.websocket.Compression compression) {
    return new DeflateStreams(
        compression, CompressionOptions.DEFAULT.withThresholdBytes(0), MemoryAccount.UNLIMITED);
  }

  /// Reads the bytes, handed over in memory that is spoilt afterwards.
  void read(byte[] bytes, int offset, int length) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(length + 3L);
      MemorySegment.copy(bytes, offset, buffer, JAVA_BYTE, 3, length);
      parser.parse(buffer, 3, length, deflate);
    } catch (ProtocolViolation e) {
      events.add("violation " + e.rule() + " " + e.closeCode());
    }
  }

  void read(byte[] bytes) {
    read(bytes, 0, bytes.length);
  }

  /// A message as this end sends it, in so many frames.
  byte[] message(int opcode, byte[] payload, int frames) {
    return message(opcode, MemorySegment.ofArray(payload), frames);
  }

  byte[] message(int opcode, MemorySegment payload, int frames) {
    MemorySegment deflated = deflate.deflate(payload, 0, (int) payload.byteSize());
    if (deflated == null) {
      return frames(opcode, false, payload.toArray(JAVA_BYTE), frames);
    }
    byte[] bytes = deflated.asSlice(0, deflate.deflatedBytes()).toArray(JAVA_BYTE);
    buffers.giveBack(deflated);
    return frames(opcode, true, bytes, frames);
  }

  byte[] frames(int opcode, boolean compressed, byte[] payload, int frames) {
    var bytes = new ByteArrayOutputStream();
    for (int i = 0; i < frames; i++) {
      int from = (int) ((long) payload.length * i / frames);
      int to = (int) ((long) payload.length * (i + 1) / frames);
      int first = (i == 0 ? opcode | (compressed ? 0x40 : 0) : 0) | (i == frames - 1 ? 0x80 : 0);
      bytes.writeBytes(frame(first, java.util.Arrays.copyOfRange(payload, from, to)));
    }
    return bytes.toByteArray();
  }

  /// A frame with that first byte; a client's is masked with zeroes.
  byte[] frame(int first, byte[] payload) {
    var bytes = new ByteArrayOutputStream();
    int mask = client ? 0x80 : 0;
    bytes.write(first);
    if (payload.length < 126) {
      bytes.write(mask | payload.length);
    } else if (payload.length < 65_536) {
      bytes.write(mask | 126);
      bytes.write(payload.length >> 8);
      bytes.write(payload.length);
    } else {
      bytes.write(mask | 127);
      bytes.writeBytes(new byte[4]);
      bytes.write(payload.length >> 24);
      bytes.write(payload.length >> 16);
      bytes.write(payload.length >> 8);
      bytes.write(payload.length);
    }
    if (client) {
      bytes.writeBytes(new byte[4]);
    }
    bytes.writeBytes(payload);
    return bytes.toByteArray();
  }

  static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  @Override
  public boolean onMessage(boolean text, MemorySegment buffer, int offset, int length) {
    last = buffer.asSlice(offset, length).toArray(JAVA_BYTE);
    events.add(
        text
            ? "text " + new String(last, StandardCharsets.UTF_8)
            : "binary " + (length > 64 ? length : HexFormat.of().formatHex(last)));
    return true;
  }

  @Override
  public boolean onPing(MemorySegment buffer, int offset, int length) {
    events.add("ping");
    return true;
  }

  @Override
  public boolean onPong(MemorySegment buffer, int offset, int length) {
    events.add("pong");
    return true;
  }

  @Override
  public boolean onClose(int code, String reason) {
    events.add("close " + code);
    return true;
  }

  @Override
  public void close() {
    assembler.discard();
    deflate.discard();
    deflate.discard();
  }
}
