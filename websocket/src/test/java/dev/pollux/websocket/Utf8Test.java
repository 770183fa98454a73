package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// RFC 6455 §8.1, RFC 3629.
class Utf8Test {
  // The first and last of each range that RFC 3629 §4 tells apart, and their neighbours.
  private static final int[] BYTES = {
    0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC,
    0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF7, 0xF8, 0xFC, 0xFE, 0xFF
  };

  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final CharBuffer chars = CharBuffer.allocate(70_000);

  /// 1 valid, 0 valid so far but incomplete, -1 invalid: as the JDK has it.
  private int asTheJdk(byte[] bytes, int length) {
    decoder.reset();
    chars.clear();
    ByteBuffer input = ByteBuffer.wrap(bytes, 0, length);
    if (decoder.decode(input, chars, false).isError()) {
      return -1;
    }
    // The JDK waits for the third byte of a surrogate, although the second says it.
    boolean surrogate =
        input.remaining() == 2
            && (bytes[length - 2] & 0xFF) == 0xED
            && (bytes[length - 1] & 0xFF) >= 0xA0;
    return surrogate ? -1 : input.hasRemaining() ? 0 : 1;
  }

  private static int asWe(byte[] bytes, int length) {
    MemorySegment buffer = MemorySegment.ofArray(bytes);
    return verdict(Utf8Validator.step(Utf8Validator.ACCEPT, buffer, 0, length));
  }

  private static int verdict(int state) {
    return state == Utf8Validator.ACCEPT ? 1 : state == Utf8Validator.REJECT ? -1 : 0;
  }

  private static int byteByByte(byte[] bytes, int length) {
    MemorySegment buffer = MemorySegment.ofArray(bytes);
    int state = Utf8Validator.ACCEPT;
    for (int i = 0; i < length; i++) {
      state = Utf8Validator.step(state, buffer, i, 1);
    }
    return verdict(state);
  }

  private void check(byte[] bytes, int length) {
    int expected = asTheJdk(bytes, length);
    if (asWe(bytes, length) != expected || byteByByte(bytes, length) != expected) {
      throw new AssertionError(
          HexFormat.of().formatHex(bytes, 0, length)
              + ": JDK "
              + expected
              + ", whole "
              + asWe(bytes, length)
              + ", byte by byte "
              + byteByByte(bytes, length));
    }
  }

  @Test
  void allShortSequencesAreJudgedAsByTheJdk() {
    byte[] bytes = new byte[6];
    for (int first = 0; first <= 0xFF; first++) {
      bytes[0] = (byte) first;
      check(bytes, 1);
      for (int second = 0; second <= 0xFF; second++) {
        bytes[1] = (byte) second;
        check(bytes, 2);
        for (int third : BYTES) {
          bytes[2] = (byte) third;
          check(bytes, 3);
        }
      }
    }
    for (int first : BYTES) {
      for (int second : BYTES) {
        for (int third : BYTES) {
          for (int fourth : BYTES) {
            byte[] four = {(byte) first, (byte) second, (byte) third, (byte) fourth, 'a', 'b'};
            check(four, 4);
            check(four, 6);
          }
        }
      }
    }
  }

  @Test
  void everyCodePointIsValidAndNoSurrogateIs() {
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
        byte[] bytes = {
          (byte) 0xED,
          (byte) (0x80 | (codePoint >> 6 & 0x3F)),
          (byte) (0x80 | (codePoint & 0x3F)),
          'x'
        };
        assertEquals(-1, asWe(bytes, 3));
        assertEquals(-1, asWe(bytes, 4));
      } else {
        byte[] bytes = Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
        assertEquals(1, asWe(bytes, bytes.length));
        byte[] more = (Character.toString(codePoint) + "abc").getBytes(StandardCharsets.UTF_8);
        assertEquals(1, asWe(more, more.length));
      }
    }
  }

  @Test
  void randomTextWithOneByteChangedIsJudgedAsByTheJdk() {
    long seed = System.nanoTime();
    System.out.println("Utf8Test seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = randomText(random, random.nextInt(round % 100 == 0 ? 6000 : 60));
      if (bytes.length > 0 && round % 3 != 0) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      check(bytes, bytes.length);
      int cut = random.nextInt(bytes.length + 1);
      MemorySegment buffer = MemorySegment.ofArray(bytes);
      int state = Utf8Validator.step(Utf8Validator.ACCEPT, buffer, 0, cut);
      state = Utf8Validator.step(state, buffer, cut, bytes.length - cut);
      assertEquals(asTheJdk(bytes, bytes.length), verdict(state), "seed " + seed);
    }
  }

  private static byte[] randomText(Random random, int length) {
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      int codePoint =
          switch (random.nextInt(8)) {
            case 0 -> 0x80 + random.nextInt(0x780);
            case 1, 2 -> 0xAC00 + random.nextInt(0x2BA4);
            case 3 -> 0x1_0000 + random.nextInt(0x10_0000);
            default -> 0x20 + random.nextInt(0x5F);
          };
      int times = random.nextInt(40) == 0 ? 400 : 1;
      text.append(Character.toString(codePoint).repeat(times));
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void oneBadByteIsFoundAnywhereInALongText() {
    byte[] bytes = new byte[9000];
    java.util.Arrays.fill(bytes, (byte) 'a');
    for (int at = 0; at < bytes.length; at += at < 300 ? 1 : 61) {
      bytes[at] = (byte) 0x80;
      assertEquals(-1, asWe(bytes, bytes.length), "at " + at);
      bytes[at] = 'a';
    }
    assertEquals(1, asWe(bytes, bytes.length));
  }

  @Test
  void theValidatorRemembers() {
    Utf8Validator validator = new Utf8Validator();
    MemorySegment bytes = MemorySegment.ofArray(new byte[] {(byte) 0xC3, (byte) 0xA9, (byte) 0xA9});
    assertTrue(validator.validate(bytes, 0, 1));
    assertFalse(validator.isComplete());
    assertTrue(validator.validate(bytes, 1, 1));
    assertTrue(validator.isComplete());
    assertFalse(validator.validate(bytes, 2, 1));
    assertFalse(validator.validate(bytes, 0, 2), "rejected is rejected");
    assertFalse(validator.isComplete());
    validator.reset();
    assertTrue(validator.validate(bytes, 0, 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "c0",
        "c1",
        "f5",
        "ff",
        "80",
        "e080",
        "e09f",
        "eda0",
        "f080",
        "f08f",
        "f490",
        "cebae1bdb9cf83cebcceb5eda0"
      })
  void theFirstImpossibleByteIsRejectedAtOnce(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertEquals(-1, asWe(bytes, bytes.length));
    assertTrue(byteByByte(bytes, bytes.length - 1) >= 0, "rejected too early");
  }

  @Test
  void textMessagesAreChecked() {
    assertEquals(
        List.of("text κόσμε 안녕 👋"), Wire.client().whole(Opcode.TEXT, "κόσμε 안녕 👋").events());
    assertEquals(
        List.of("text ok", "violation TEXT_IS_UTF8 1007", "incomplete"),
        Wire.client()
            .whole(Opcode.TEXT, "ok")
            .whole(Opcode.TEXT, new byte[] {'a', (byte) 0xFF, 'b'})
            .events());
    assertEquals(
        List.of("binary ff"),
        Wire.client().whole(Opcode.BINARY, new byte[] {(byte) 0xFF}).events());
  }

  @Test
  void aCharacterMayBeCutByFragmentsAndControlFrames() {
    assertEquals(
        List.of("ping ff", "text é"),
        Wire.server()
            .frame(Opcode.TEXT, new byte[] {(byte) 0xC3})
            .whole(Opcode.PING, new byte[] {(byte) 0xFF})
            .frame(Opcode.CONTINUATION, new byte[0])
            .whole(Opcode.CONTINUATION, new byte[] {(byte) 0xA9})
            .events());
  }

  @Test
  void aTextThatEndsInsideACharacterIsAViolation() {
    for (Wire wire :
        List.of(
            Wire.client().whole(Opcode.TEXT, new byte[] {'a', (byte) 0xC3}),
            Wire.client()
                .frame(Opcode.TEXT, new byte[] {(byte) 0xE2, (byte) 0x82})
                .whole(Opcode.CONTINUATION, ""))) {
      assertEquals("violation TEXT_IS_UTF8 1007", wire.events().getFirst());
    }
  }

  @Test
  void aBadByteIsNoticedBeforeTheFrameOrTheMessageEnds() {
    String first16 = "81 7e 4000 ";
    assertEquals(
        "violation TEXT_IS_UTF8 1007", Wire.server().raw(first16 + "61 f4 90").events().getFirst());
    assertEquals(
        "violation TEXT_IS_UTF8 1007",
        Wire.server().fragment(Opcode.TEXT, "a").raw("00 7e 4000 80").events().getFirst());
  }
}
