package dev.pollux.fuzz;

import dev.pollux.websocket.FrameParser;
import dev.pollux.websocket.FrameSink;
import dev.pollux.websocket.MessageBuffers;
import dev.pollux.websocket.PartSink;
import dev.pollux.websocket.ProtocolViolation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;

/// What becomes of frames: the messages that a sink is told, and that every buffer that was lent
/// comes back.
final class Reading implements PartSink, MessageBuffers {
  final List<String> events = new ArrayList<>();
  private final Arena arena;
  private final IdentityHashMap<MemorySegment, Boolean> lent = new IdentityHashMap<>();
  private final StringBuilder parts = new StringBuilder();
  private boolean ended;

  Reading(Arena arena) {
    this.arena = arena;
  }

  /// Hands `wire` to the parser in pieces of `pieceBytes`, each in memory that is spoilt
  /// afterwards.
  void parse(FrameParser parser, FrameSink sink, byte[] wire, int pieceBytes) {
    MemorySegment buffer = arena.allocate(Math.max(1, pieceBytes));
    try {
      for (int at = 0; at < wire.length; at += pieceBytes) {
        int length = Math.min(pieceBytes, wire.length - at);
        MemorySegment.copy(wire, at, buffer, ValueLayout.JAVA_BYTE, 0, length);
        parser.parse(buffer, 0, length, sink);
        buffer.fill((byte) 0xA5);
      }
    } catch (ProtocolViolation violation) {
      events.add("violation " + violation.rule() + " " + violation.closeCode());
    }
  }

  void requireAllGivenBack() {
    if (!lent.isEmpty()) {
      throw new IllegalStateException(lent.size() + " buffers were not given back");
    }
  }

  private void told(String what) {
    if (ended) {
      throw new IllegalStateException(what + " after the end");
    }
    events.add(what);
  }

  private static String hex(MemorySegment buffer, int offset, int length) {
    return HexFormat.of().formatHex(buffer.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
  }

  @Override
  public boolean onMessage(boolean text, MemorySegment buffer, int offset, int length) {
    told((text ? "text " : "binary ") + hex(buffer, offset, length));
    return true;
  }

  @Override
  public boolean onPart(boolean text, MemorySegment buffer, int offset, int length, boolean last) {
    byte[] bytes = buffer.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    String string = new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
    if (text && !Arrays.equals(string.getBytes(java.nio.charset.StandardCharsets.UTF_8), bytes)) {
      throw new IllegalStateException("a part of a text is not UTF-8");
    }
    parts.append(HexFormat.of().formatHex(bytes));
    if (last) {
      told((text ? "text " : "binary ") + parts);
      parts.setLength(0);
    }
    return true;
  }

  @Override
  public boolean onPing(MemorySegment buffer, int offset, int length) {
    told("ping " + hex(buffer, offset, length));
    return true;
  }

  @Override
  public boolean onPong(MemorySegment buffer, int offset, int length) {
    told("pong " + hex(buffer, offset, length));
    return true;
  }

  @Override
  public boolean onClose(int code, String reason) {
    told("close " + code + " " + reason);
    ended = true;
    return false;
  }

  @Override
  public MemorySegment borrow(int minBytes) {
    MemorySegment segment = arena.allocate(Math.max(1, minBytes));
    lent.put(segment, true);
    return segment;
  }

  @Override
  public void giveBack(MemorySegment buffer) {
    if (lent.remove(buffer) == null) {
      throw new IllegalStateException("given back what was not lent");
    }
    buffer.fill((byte) 0x5A);
  }
}
