package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;

/// Bytes as a client or a server would send them, right or wrong, and what comes of reading them.
/// Its frames are made byte by byte here, not by [FrameWriter], so that each is a check of the
/// other.
final class Wire {
  static final int KEY = 0x37FA_213D;

  private final boolean masked;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private WebSocketLimits limits = WebSocketLimits.DEFAULT;
  private int allowedRsv;

  private Wire(boolean masked) {
    this.masked = masked;
  }

  /// What a client sends.
  static Wire client() {
    return new Wire(true);
  }

  /// What a server sends.
  static Wire server() {
    return new Wire(false);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] filled(int length) {
    byte[] payload = new byte[length];
    for (int i = 0; i < length; i++) {
      payload[i] = (byte) (i * 31 + 7);
    }
    return payload;
  }

  Wire within(WebSocketLimits limits) {
    this.limits = limits;
    return this;
  }

  Wire allowRsv(int rsv) {
    allowedRsv = rsv;
    return this;
  }

  Wire raw(String hex) {
    bytes.writeBytes(HexFormat.of().parseHex(hex.replace(" ", "")));
    return this;
  }

  Wire whole(int opcode, byte[] payload) {
    return frame(0x80 | opcode, payload);
  }

  Wire whole(int opcode, String payload) {
    return whole(opcode, utf8(payload));
  }

  Wire fragment(int opcode, String payload) {
    return frame(opcode, utf8(payload));
  }

  /// A frame with that first byte, and all else as it should be.
  Wire frame(int first, byte[] payload) {
    bytes.write(first);
    int length = payload.length;
    int maskBit = masked ? 0x80 : 0;
    if (length <= 125) {
      bytes.write(maskBit | length);
    } else if (length <= 65_535) {
      bytes.write(maskBit | 126);
      bytes.write(length >> 8);
      bytes.write(length);
    } else {
      bytes.write(maskBit | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        bytes.write((int) ((long) length >> shift));
      }
    }
    byte[] key = {(byte) (KEY >> 24), (byte) (KEY >> 16), (byte) (KEY >> 8), (byte) KEY};
    if (masked) {
      bytes.writeBytes(key);
    }
    for (int i = 0; i < length; i++) {
      bytes.write(masked ? payload[i] ^ key[i % 4] : payload[i]);
    }
    return this;
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }

  /// What is read from the bytes, the last event perhaps `violation RULE closeCode`.
  List<String> events() {
    byte[] input = bytes();
    List<String> expected = feed(input, new int[] {input.length});
    for (int cut : cuts(input.length)) {
      List<String> inTwo = feed(input, new int[] {cut, input.length - cut});
      assertEquals(expected, inTwo, "cut at " + cut);
    }
    int[] ones = new int[input.length];
    java.util.Arrays.fill(ones, 1);
    assertEquals(expected, feed(input, ones), "byte by byte");
    return expected;
  }

  /// All places to cut an input at; of a long one, those near its ends and some between.
  static Iterable<Integer> cuts(int length) {
    TreeSet<Integer> cuts = new TreeSet<>();
    for (int cut = 1; cut < length; cut += cut < 300 || cut > length - 40 ? 1 : 997) {
      cuts.add(cut);
    }
    for (int cut = Math.max(1, length - 40); cut < length; cut++) {
      cuts.add(cut);
    }
    return cuts;
  }

  private List<String> feed(byte[] input, int[] pieces) {
    Recorder recorder = new Recorder();
    LentBuffers buffers = new LentBuffers();
    FrameParser parser = new FrameParser(masked, limits);
    parser.allowRsv(allowedRsv);
    MessageAssembler assembler = new MessageAssembler(limits, buffers, recorder);
    List<String> events = recorder.events;
    int at = 0;
    for (int piece : pieces) {
      try {
        parse(parser, input, at, piece, assembler);
      } catch (ProtocolViolation e) {
        events.add("violation " + e.rule() + " " + e.closeCode());
      }
      at += piece;
    }
    if (parser.isInsideFrame() || assembler.isInsideMessage()) {
      events.add("incomplete");
    }
    assembler.discard();
    assertEquals(0, buffers.outstanding(), "buffers that were not given back");
    return List.copyOf(new ArrayList<>(events));
  }

  /// Hands a piece over in memory that is spoilt afterwards: nobody may have kept it.
  private static void parse(FrameParser parser, byte[] input, int at, int length, FrameSink sink)
      throws ProtocolViolation {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(length + 3L);
      MemorySegment.copy(input, at, buffer, java.lang.foreign.ValueLayout.JAVA_BYTE, 3, length);
      parser.parse(buffer, 3, length, sink);
    }
  }
}
