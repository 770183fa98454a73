package dev.pollux.websocket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// Writes down what it is told: `text hello`, `binary 0aff`, `ping 01`, `pong`, `close 1000 bye`.
class Recorder implements MessageSink {
  final List<String> events = new ArrayList<>();

  @Override
  public boolean onMessage(boolean text, MemorySegment buffer, int offset, int length) {
    byte[] bytes = copy(buffer, offset, length);
    events.add(text ? "text " + new String(bytes, StandardCharsets.UTF_8) : "binary " + hex(bytes));
    return true;
  }

  @Override
  public boolean onPing(MemorySegment buffer, int offset, int length) {
    events.add("ping " + hex(copy(buffer, offset, length)));
    return true;
  }

  @Override
  public boolean onPong(MemorySegment buffer, int offset, int length) {
    events.add("pong " + hex(copy(buffer, offset, length)));
    return true;
  }

  @Override
  public boolean onClose(int code, String reason) {
    events.add("close " + code + " " + reason);
    return true;
  }

  static byte[] copy(MemorySegment buffer, int offset, int length) {
    return buffer.asSlice(offset, length).toArray(JAVA_BYTE);
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
