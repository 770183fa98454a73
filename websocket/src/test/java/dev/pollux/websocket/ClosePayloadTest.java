package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/// RFC 6455 §5.5.1, §7.4.
class ClosePayloadTest {
  private static byte[] payload(int code, byte[] reason) {
    byte[] payload = new byte[2 + reason.length];
    payload[0] = (byte) (code >> 8);
    payload[1] = (byte) code;
    System.arraycopy(reason, 0, payload, 2, reason.length);
    return payload;
  }

  private static List<String> events(int code, byte[] reason) {
    return Wire.client().whole(Opcode.CLOSE, payload(code, reason)).events();
  }

  @Test
  void aCloseMayBeEmpty() {
    assertEquals(List.of("close 1005 "), Wire.client().whole(Opcode.CLOSE, "").events());
  }

  @Test
  void halfACodeIsAViolation() {
    assertEquals(
        List.of("violation CLOSE_BEGINS_WITH_CODE 1002"),
        Wire.client().whole(Opcode.CLOSE, "x").events());
  }

  @Test
  void everyCodeIsTakenThatMayBeSentAndNoOther() throws Exception {
    for (int code = 0; code <= 0xFFFF; code++) {
      Recorder sink = new Recorder();
      MessageAssembler assembler =
          new MessageAssembler(WebSocketLimits.DEFAULT, new LentBuffers(), sink);
      byte[] input = Wire.server().whole(Opcode.CLOSE, payload(code, new byte[0])).bytes();
      FrameParser parser = new FrameParser(false, WebSocketLimits.DEFAULT);
      MemorySegment buffer = MemorySegment.ofArray(input);
      boolean good =
          (code >= 1000 && code <= 1003)
              || (code >= 1007 && code <= 1014)
              || (code >= 3000 && code <= 4999);
      assertEquals(good, CloseCode.mayBeSent(code));
      if (good) {
        parser.parse(buffer, 0, input.length, assembler);
        assertEquals(List.of("close " + code + " "), sink.events);
      } else {
        ProtocolViolation violation =
            assertThrows(
                ProtocolViolation.class, () -> parser.parse(buffer, 0, input.length, assembler));
        assertEquals(Rule.CLOSE_CODE_IS_DEFINED, violation.rule());
        assertTrue(String.valueOf(violation.getMessage()).contains(" " + code + " "));
      }
    }
  }

  @Test
  void aCodeOutsideTheRangesIsAViolationInEverySplit() {
    for (int code : new int[] {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000}) {
      assertEquals(List.of("violation CLOSE_CODE_IS_DEFINED 1002"), events(code, Wire.utf8("why")));
    }
  }

  @Test
  void theReasonIsUtf8() {
    assertEquals(List.of("close 1000 bye"), events(1000, Wire.utf8("bye")));
    assertEquals(List.of("close 4999 잘 가 👋"), events(4999, Wire.utf8("잘 가 👋")));
    String longest = "x".repeat(123);
    assertEquals(List.of("close 3000 " + longest), events(3000, Wire.utf8(longest)));
    List<String> expected = List.of("violation CLOSE_REASON_IS_UTF8 1007");
    assertEquals(expected, events(1000, new byte[] {(byte) 0xFF}));
    assertEquals(expected, events(1000, new byte[] {'a', (byte) 0xC3}));
    assertEquals(expected, events(1000, new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80}));
  }

  @Test
  void nothingIsReadAfterAClose() {
    assertEquals(
        List.of("close 1001 away"),
        Wire.client()
            .whole(Opcode.CLOSE, payload(1001, Wire.utf8("away")))
            .whole(Opcode.TEXT, "late")
            .whole(Opcode.CLOSE, "")
            .raw("ffffffff")
            .events());
  }
}
