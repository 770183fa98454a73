package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pollux.net.IoModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// RFC 6455 as the conformance suites of the field ask it, one test a topic, on every I/O model:
/// framing, pings, reserved bits, opcodes, fragmentation, UTF-8, closing. Large messages are in
/// [LargeMessagesTest].
@ParameterizedClass
@EnumSource(IoModel.class)
@SuppressWarnings("NullAway.Init") // JUnit and the method before each test set the fields
final class ConformanceTest {
  private static final int FIN = 0x80;
  private static final int TEXT = 0x81;
  private static final int BINARY = 0x82;
  private static final int CLOSE = 0x88;
  private static final int PING = 0x89;
  private static final int PONG = 0x8A;

  @Parameter IoModel model;

  private Contract handler;
  private PolluxServer server;

  @BeforeEach
  void start() throws IOException {
    handler = new Contract();
    server = Pollux.server().io(model).loops(1).webSocket("/echo", handler).start();
  }

  @AfterEach
  void stop() {
    server.stop(Duration.ofMillis(500));
    // Each connection was told of, and none of the messages got lost on the way.
    assertEquals(server.statistics().sessions().opened(), handler.closes.size());
    assertEquals(0, server.statistics().sessions().dropped());
    assertEquals(0, server.statistics().sessions().handlerFailures());
  }

  private void hold(Dialogue dialogue) throws IOException {
    dialogue.hold(server.address(), "/echo");
  }

  private static Dialogue of(String name) {
    return Dialogue.of(name);
  }

  private static byte[] closePayload(int code, byte[] reason) {
    byte[] payload = new byte[2 + reason.length];
    ByteBuffer.wrap(payload).putShort((short) code).put(reason);
    return payload;
  }

  @Test
  void messagesOfEveryLengthEncodingAreEchoed() throws IOException {
    for (int length : new int[] {0, 1, 125, 126, 127, 128, 65_535, 65_536}) {
      String text = "*".repeat(length);
      hold(of("text of " + length).frame(TEXT, text).gets("text " + text));
      hold(of("binary of " + length).frame(BINARY, new byte[length]).gets("binary " + length));
    }
  }

  @Test
  void pingsAreAnsweredAndPongsAreNot() throws IOException {
    hold(of("an empty ping").frame(PING, "").gets("pong "));
    hold(of("a ping").frame(PING, "Hello, world!").gets("pong Hello, world!"));
    String longest = "z".repeat(125);
    hold(of("the longest ping").frame(PING, longest).gets("pong " + longest));
    hold(of("a ping of 126 bytes").frame(PING, "z".repeat(126)).ends(1002));
    hold(of("an empty pong").frame(PONG, ""));
    hold(of("an unsolicited pong").frame(PONG, "unsolicited"));
    hold(of("a pong, then a ping").frame(PONG, "unsolicited").frame(PING, "p").gets("pong p"));
    Dialogue ten = of("ten pings");
    for (int i = 0; i < 10; i++) {
      ten.frame(PING, "ping " + i).gets("pong ping " + i);
    }
    hold(ten);
  }

  @Test
  void reservedBitsAreZero() throws IOException {
    for (int rsv = 1; rsv <= 7; rsv++) {
      for (int opcode : new int[] {1, 2, 8, 9, 10}) {
        hold(of("rsv " + rsv + " of " + opcode).frame(FIN | rsv << 4 | opcode, "").ends(1002));
      }
      hold(
          of("a good text, then rsv " + rsv)
              .frame(TEXT, "good")
              .gets("text good")
              .frame(TEXT | rsv << 4, "bad")
              .frame(PING, "never answered")
              .ends(1002));
      hold(
          of("rsv " + rsv + " of a continuation")
              .frame(1, "a")
              .frame(FIN | rsv << 4, "b")
              .ends(1002));
    }
  }

  @Test
  void reservedOpcodesAreRefused() throws IOException {
    for (int opcode : new int[] {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
      hold(of("opcode " + opcode).frame(FIN | opcode, "").ends(1002));
      hold(
          of("a good text, then opcode " + opcode + " with payload")
              .frame(TEXT, "good")
              .gets("text good")
              .frame(FIN | opcode, "payload")
              .frame(PING, "never answered")
              .ends(1002));
    }
  }

  @Test
  void framesAreMaskedAndTheirLengthIsMinimal() throws IOException {
    hold(of("not masked").raw("81 01 78").ends(1002));
    hold(of("not masked, empty").raw("82 00").ends(1002));
    hold(of("a ping that is not masked").raw("89 00").ends(1002));
    hold(of("125 in 2 bytes").raw("82 fe 007d 00000000").ends(1002));
    hold(of("0 in 2 bytes").raw("82 fe 0000").ends(1002));
    hold(of("65,535 in 8 bytes").raw("82 ff 000000000000ffff").ends(1002));
    hold(of("a length with the high bit").raw("82 ff 8000000000010000").ends(1002));
    hold(of("a ping with a length of 2 bytes").raw("89 fe").ends(1002));
    hold(of("more than a frame may have").raw("82 ff 0000000000100001").ends(1009));
    hold(of("far more").raw("82 ff 7fffffffffffffff").ends(1009));
  }

  @Test
  void fragmentsAreJoinedAndControlFramesComeInBetween() throws IOException {
    hold(of("a fragmented ping").frame(0x09, "a").ends(1002));
    hold(of("a fragmented pong").frame(0x0A, "a").ends(1002));
    hold(of("a fragmented close").frame(0x08, "").ends(1002));
    hold(of("two fragments").frame(1, "frag").frame(FIN, "ment").gets("text fragment"));
    hold(of("three, empty").frame(1, "").frame(0, "").frame(FIN, "").gets("text "));
    hold(of("empty around one").frame(2, "").frame(0, "x").frame(FIN, "").gets("binary 1"));
    hold(
        of("pings in between")
            .frame(1, "f1")
            .frame(PING, "p1")
            .gets("pong p1")
            .frame(0, "f2")
            .frame(PONG, "")
            .frame(PING, "p2")
            .gets("pong p2")
            .frame(FIN, "f3")
            .gets("text f1f2f3"));
    hold(of("a continuation of nothing").frame(FIN, "x").ends(1002));
    hold(of("a continuation of nothing, no FIN").frame(0, "x").ends(1002));
    hold(
        of("a continuation after a whole message")
            .frame(TEXT, "good")
            .gets("text good")
            .frame(FIN, "x")
            .ends(1002));
    hold(of("a text in a text").frame(1, "a").frame(TEXT, "b").ends(1002));
    hold(of("a binary in a text").frame(1, "a").frame(2, "b").ends(1002));
    hold(
        of("a close in a text").frame(1, "a").frame(CLOSE, new byte[] {3, (byte) 0xE8}).ends(1000));
  }

  @Test
  void moreFragmentsThanTheLimitAre1008() throws IOException {
    Dialogue most = of("1,024 fragments").frame(1, "a");
    Dialogue tooMany = of("1,025 fragments").frame(1, "a");
    for (int i = 0; i < 1022; i++) {
      most.frame(0, i % 2 == 0 ? "" : "b");
      tooMany.frame(0, "");
    }
    hold(most.frame(FIN, "c").gets("text a" + "b".repeat(511) + "c"));
    hold(tooMany.frame(0, "").frame(FIN, "").ends(1008));
  }

  @Test
  void validTextIsEchoed() throws IOException {
    List<String> valid = new ArrayList<>(List.of("Hello-µ@ßöäüàá-UTF-8!!", "κόσμε", "한국어 文字"));
    for (int point :
        new int[] {
          0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x1FFFF,
          0xFFFFE, 0x10FFFF
        }) {
      valid.add(Character.toString(point));
    }
    for (String text : valid) {
      hold(of("text " + text).frame(TEXT, text).gets("text " + text));
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      Dialogue octets = of("octet by octet " + text);
      for (int i = 0; i < bytes.length; i++) {
        int first = (i == 0 ? 1 : 0) | (i == bytes.length - 1 ? FIN : 0);
        octets.frame(first, new byte[] {bytes[i]});
      }
      hold(octets.gets("text " + text));
    }
  }

  @Test
  void textThatIsNotUtf8Is1007() throws IOException {
    for (String bad :
        new String[] {
          "80",
          "bf",
          "8080",
          "80bf80bf",
          "c0",
          "c1",
          "f5",
          "ff",
          "fe",
          "c020",
          "df20",
          "e0a0",
          "ed9f",
          "f0908f",
          "f48f",
          "c080",
          "c1bf",
          "c0af",
          "e080af",
          "e09fbf",
          "e08080",
          "f08080af",
          "f08fbfbf",
          "f0808080",
          "f880808080",
          "f8888080 80",
          "fc8080808080",
          "fdbfbfbfbfbf",
          "eda080",
          "edadbf",
          "edae80",
          "edafbf",
          "edb080",
          "edbe80",
          "edbfbf",
          "eda080edb080",
          "edafbfedbfbf",
          "f4908080",
          "f7bfbfbf",
          "cebae1bdb9cf83cebcceb5eda080656469746564"
        }) {
      hold(of("not UTF-8: " + bad).hex(TEXT, bad).ends(1007));
      hold(of("behind text: " + bad).hex(1, "6f6b").hex(FIN, bad).ends(1007));
    }
  }

  /// The rest of the message never comes: whoever waits for it never answers.
  @Test
  void textThatCannotBecomeUtf8FailsAtOnce() throws IOException {
    hold(of("in a fragment").hex(1, "cebae1bdb9 f4908080").ends(1007));
    hold(of("in the second").hex(1, "cebae1bdb9cf83").hex(0, "f490").ends(1007));
    hold(of("one byte too much").hex(1, "ceba f4").hex(0, "90").ends(1007));
    // A frame of 100 bytes of which 8 are there: masked with zeros.
    hold(of("in a frame").raw("81 e4 00000000 cebae1bd f4908080").ends(1007));
    hold(of("in the frame's second byte").raw("81 e4 00000000 c0").ends(1007));
    // What can still become UTF-8 is waited for, until the connection closes.
    hold(of("not yet wrong").hex(1, "cebae1bdb9 f48f"));
  }

  @Test
  void closeFramesAreAnsweredAndNothingFollows() throws IOException {
    byte[] normal = closePayload(1000, new byte[0]);
    hold(of("a text, then a close").frame(TEXT, "bye").gets("text bye"));
    hold(of("two closes").frame(CLOSE, normal).frame(CLOSE, normal).ends(1000));
    hold(of("a ping after a close").frame(CLOSE, normal).frame(PING, "").ends(1000));
    hold(of("a text after a close").frame(CLOSE, normal).frame(TEXT, "late").ends(1000));
    hold(of("nonsense after a close").frame(CLOSE, normal).raw("ffffffffffff").ends(1000));
    hold(of("a fragment, then a close").frame(1, "fragment").frame(CLOSE, normal).ends(1000));
    hold(
        of("a large message, a close, a ping")
            .frame(TEXT, "*".repeat(256 << 10))
            .gets("text " + "*".repeat(256 << 10))
            .frame(CLOSE, normal)
            .frame(PING, "")
            .ends(1000));
  }

  @Test
  void closePayloadsAreChecked() throws IOException {
    hold(of("empty").frame(CLOSE, "").ends(1005));
    hold(of("half a code").hex(CLOSE, "03").ends(1002));
    hold(of("a code").hex(CLOSE, "03e8").ends(1000));
    byte[] longest = "*".repeat(123).getBytes(StandardCharsets.US_ASCII);
    hold(of("the longest reason").frame(CLOSE, closePayload(1000, longest)).ends(1000));
    hold(of("longer").frame(CLOSE, closePayload(1000, new byte[124])).ends(1002));
    byte[] euro = "ende €".getBytes(StandardCharsets.UTF_8);
    hold(of("a reason in UTF-8").frame(CLOSE, closePayload(1000, euro)).ends(1000));
    hold(of("a reason that is not UTF-8").hex(CLOSE, "03e8 cebae1bdb9eda080").ends(1007));
    hold(of("a reason cut in a character").hex(CLOSE, "03e8 e282").ends(1007));
  }

  @Test
  void everyCloseCodeIsTakenOrRefused() throws IOException {
    int[] good = {
      1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999
    };
    for (int code : good) {
      hold(of("code " + code).frame(CLOSE, closePayload(code, new byte[] {'x'})).ends(code));
    }
    int[] bad = {
      0, 1, 500, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 32_768, 65_535
    };
    for (int code : bad) {
      hold(of("code " + code).frame(CLOSE, closePayload(code, new byte[] {'x'})).ends(1002));
    }
  }
}
