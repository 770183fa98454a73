package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What is written is read: random messages, fragments, control frames between them, and pieces.
class RoundTripTest {
  private static final int CAPACITY = 2 << 20;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final MemorySegment wire = Arena.ofAuto().allocate(CAPACITY);
  private int written;

  @Test
  void whatAClientWritesAServerReads() throws Exception {
    roundTrips(true);
  }

  @Test
  void whatAServerWritesAClientReads() throws Exception {
    roundTrips(false);
  }

  private void roundTrips(boolean masked) throws ProtocolViolation {
    System.out.println("RoundTripTest seed " + seed + ", masked " + masked);
    for (int round = 0; round < 150; round++) {
      written = 0;
      List<String> expected = new ArrayList<>();
      for (int message = random.nextInt(1, 6); message > 0; message--) {
        writeMessage(masked, expected);
      }
      byte[] reason = {0x0F, (byte) 0xA0, 'e', 'n', 'd'};
      writeFrame(Opcode.CLOSE, true, reason, 0, reason.length, masked);
      expected.add("close 4000 end");
      assertEquals(expected, read(masked), "seed " + seed + ", round " + round);
    }
  }

  private void writeMessage(boolean masked, List<String> expected) {
    boolean text = random.nextBoolean();
    byte[] payload = text ? randomText() : randomBytes();
    int at = 0;
    int opcode = text ? Opcode.TEXT : Opcode.BINARY;
    for (int more = random.nextInt(4); more > 0; more--) {
      int length = random.nextInt(payload.length - at + 1);
      writeFrame(opcode, false, payload, at, length, masked);
      at += length;
      opcode = Opcode.CONTINUATION;
      if (random.nextInt(3) == 0) {
        byte[] ping = new byte[random.nextInt(126)];
        random.nextBytes(ping);
        writeFrame(Opcode.PING, true, ping, 0, ping.length, masked);
        expected.add("ping " + Recorder.hex(ping));
      }
    }
    writeFrame(opcode, true, payload, at, payload.length - at, masked);
    expected.add(
        text
            ? "text " + new String(payload, StandardCharsets.UTF_8)
            : "binary " + Recorder.hex(payload));
  }

  private byte[] randomText() {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(random.nextInt(10) == 0 ? 30_000 : 200);
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(
          switch (random.nextInt(6)) {
            case 0 -> 0xAC00 + random.nextInt(0x2BA4);
            case 1 -> 0x1F300 + random.nextInt(0x200);
            case 2 -> 0x80 + random.nextInt(0x700);
            default -> 0x20 + random.nextInt(0x5F);
          });
    }
    return Wire.utf8(text.toString());
  }

  private byte[] randomBytes() {
    byte[] bytes = new byte[random.nextInt(random.nextInt(10) == 0 ? 100_000 : 300)];
    random.nextBytes(bytes);
    return bytes;
  }

  private void writeFrame(
      int opcode, boolean fin, byte[] payload, int from, int length, boolean masked) {
    int key = random.nextInt();
    written +=
        masked
            ? FrameWriter.writeHeader(wire, written, opcode, fin, 0, length, key)
            : FrameWriter.writeHeader(wire, written, opcode, fin, 0, length);
    MemorySegment.copy(payload, from, wire, ValueLayout.JAVA_BYTE, written, length);
    if (masked) {
      int cut = random.nextInt(length + 1);
      Masking.mask(wire, written, cut, key, 0);
      Masking.mask(wire, written + cut, length - cut, key, cut);
    }
    written += length;
  }

  private List<String> read(boolean masked) throws ProtocolViolation {
    Recorder recorder = new Recorder();
    LentBuffers buffers = new LentBuffers();
    FrameParser parser = new FrameParser(masked, WebSocketLimits.DEFAULT);
    MessageAssembler assembler = new MessageAssembler(WebSocketLimits.DEFAULT, buffers, recorder);
    int most = 1 << random.nextInt(18);
    for (int at = 0; at < written; ) {
      int length = Math.min(random.nextInt(most + 1), written - at);
      parser.parse(wire, at, length, assembler);
      at += length;
    }
    assertEquals(0, buffers.outstanding());
    return recorder.events;
  }
}
