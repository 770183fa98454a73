package dev.pollux.server;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// What one client says, from a seed: messages whole and in fragments, pings between them, and an
/// end of some kind. The client sends nothing after what ends the connection, so that everything
/// that follows from it is certain.
final class DialogueScript {
  private static final int MOST_BYTES = 90_000;
  private static final int[] LENGTHS = {
    0, 1, 2, 125, 126, 127, 1_000, 16_384, 65_535, 65_536, 90_000
  };

  /// How the connection ends.
  enum Ending {
    CLIENT_CLOSES,
    SERVER_CLOSES,
    SERVER_ABORTS,
    HANDLER_FAILS,
    RESERVED_BIT,
    UNMASKED,
    BAD_UTF8,
    CONTINUES_NOTHING,
    FRAGMENTED_PING,
    BAD_CLOSE_CODE,
    FIN,
    RESET
  }

  private final Random random;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final ByteArrayOutputStream afterReplies = new ByteArrayOutputStream();
  private final int mostBytes;
  private final List<byte[]> messages = new ArrayList<>();
  private final Ending ending;

  DialogueScript(long seed) {
    this(seed, MOST_BYTES);
  }

  /// @param mostBytes bytes of the largest message
  DialogueScript(long seed, int mostBytes) {
    this.mostBytes = mostBytes;
    this.random = new Random(seed);
    int messages = random.nextInt(12);
    for (int i = 0; i < messages; i++) {
      message();
    }
    this.ending = Ending.values()[random.nextInt(Ending.values().length)];
    end();
  }

  private void message() {
    boolean text = random.nextBoolean();
    byte[] payload =
        text ? text() : random(Math.min(mostBytes, LENGTHS[random.nextInt(LENGTHS.length)]));
    int fragments = random.nextInt(3) == 0 ? 1 + random.nextInt(5) : 1;
    int from = 0;
    for (int i = 0; i < fragments; i++) {
      int to =
          i == fragments - 1 ? payload.length : from + random.nextInt(payload.length - from + 1);
      byte[] part = new byte[to - from];
      System.arraycopy(payload, from, part, 0, part.length);
      int opcode = i > 0 ? 0 : text ? 1 : 2;
      bytes.writeBytes(RawClient.frame((i == fragments - 1 ? 0x80 : 0) | opcode, part));
      from = to;
      if (random.nextInt(4) == 0) {
        // Not counted: of several pings the last alone may be answered (RFC 6455 §5.5.3).
        int pingOrPong = random.nextBoolean() ? 0x89 : 0x8A;
        bytes.writeBytes(RawClient.frame(pingOrPong, random(random.nextInt(126))));
      }
    }
    messages.add(payload);
  }

  private byte[] text() {
    StringBuilder text = new StringBuilder("m");
    int length = random.nextInt(Math.min(mostBytes / 4, 2_000));
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(
          switch (random.nextInt(4)) {
            case 0 -> 'a' + random.nextInt(26);
            case 1 -> 0xE0 + random.nextInt(32);
            case 2 -> 0xAC00 + random.nextInt(1_000);
            default -> 0x1F600 + random.nextInt(64);
          });
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private byte[] random(int length) {
    byte[] some = new byte[length];
    random.nextBytes(some);
    return some;
  }

  private void end() {
    switch (ending) {
      case CLIENT_CLOSES ->
          bytes.writeBytes(
              RawClient.frame(
                  0x88, new byte[] {0x0F, (byte) (0xA0 + random.nextInt(90)), 'b', 'y', 'e'}));
      case SERVER_CLOSES -> bytes.writeBytes(RawClient.text("/close"));
      // What is pending is lost then: nothing must be.
      case SERVER_ABORTS -> afterReplies.writeBytes(RawClient.text("/abort"));
      case HANDLER_FAILS -> bytes.writeBytes(RawClient.text("/fail"));
      case RESERVED_BIT -> bytes.writeBytes(RawClient.frame(0xC1, random(5)));
      case UNMASKED -> bytes.writeBytes(new byte[] {(byte) 0x81, 1, 'x'});
      case BAD_UTF8 ->
          bytes.writeBytes(RawClient.frame(0x81, new byte[] {'a', (byte) 0xC0, (byte) 0x80}));
      case CONTINUES_NOTHING -> bytes.writeBytes(RawClient.frame(0x80, random(3)));
      case FRAGMENTED_PING -> bytes.writeBytes(RawClient.frame(0x09, random(3)));
      case BAD_CLOSE_CODE ->
          bytes.writeBytes(RawClient.frame(0x88, new byte[] {0x03, (byte) 0xED}));
      case FIN, RESET -> {}
    }
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }

  /// What is sent when all replies have been read.
  byte[] afterReplies() {
    return afterReplies.toByteArray();
  }

  Ending ending() {
    return ending;
  }

  /// Messages that are answered before the end.
  int replies() {
    return messages.size();
  }

  /// Their payloads.
  List<byte[]> messages() {
    return messages;
  }
}
