package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.CloseReason;
import dev.pollux.websocket.Opcode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ClosingHandshakeTest {
  private final Recorder handler = new Recorder();
  private final Bench bench = new Bench(handler);

  @Test
  void thePeerClosesAndIsAnsweredAndTheServerEndsTheConnection() {
    bench.connection.receive(Wire.join(Wire.text("last"), Wire.close(4001, "bye")));
    assertEquals(List.of("close 4001"), bench.sent());
    assertTrue(bench.connection.closed);
    assertEquals(SendStatus.CLOSED, bench.ws.sendText("too late"));
    assertEquals(List.of("open", "text last"), handler.take());
    bench.connection.end(CloseReason.CLOSED);
    assertEquals(List.of("close 4001 bye"), handler.take());
  }

  @Test
  void aCloseFrameWithoutACodeIs1005AndAnsweredWithoutOne() {
    bench.connection.receive(Wire.frame(Opcode.CLOSE, new byte[0]));
    assertEquals(List.of("close 1005"), bench.sent());
    bench.connection.end(CloseReason.CLOSED);
    assertEquals(List.of("open", "close 1005"), handler.take());
  }

  @Test
  void thisSideClosesAndWaitsForThePeersFrame() {
    bench.ws.close(4002, "that is all");
    assertEquals(List.of("close 4002 that is all"), bench.sent());
    assertFalse(bench.ws.isOpen());
    assertFalse(bench.connection.closed);
    assertEquals(Duration.ofSeconds(5).toNanos(), bench.connection.timerNanos);
    bench.connection.receive(Wire.join(Wire.text("crossed"), Wire.close(4002, "")));
    assertTrue(bench.connection.closed);
    assertEquals(List.of(), bench.sent());
    bench.connection.end(CloseReason.CLOSED);
    assertEquals(List.of("open", "close 4002"), handler.take());
    assertEquals(0, bench.statistics().messagesIn());
  }

  @Test
  void crossingCloseFramesAreBothHonoured() {
    bench.ws.close(4003, "");
    bench.connection.receive(Wire.close(4004, "mine"));
    assertEquals(List.of("close 4003"), bench.sent());
    assertTrue(bench.connection.closed);
    bench.connection.end(CloseReason.CLOSED);
    assertEquals(List.of("open", "close 4004 mine"), handler.take());
  }

  @Test
  void onlyTheFirstCloseCounts() {
    bench.ws.close(4005, "first");
    bench.ws.close(4006, "second");
    assertEquals(List.of("close 4005 first"), bench.sent());
  }

  @Test
  void whatFollowsTheCloseFrameIsIgnored() {
    bench.connection.receive(
        Wire.join(Wire.close(1000, ""), Wire.text("late"), Wire.close(4000, "again")));
    bench.connection.receive(Wire.text("later"));
    assertEquals(List.of("close 1000"), bench.sent());
    bench.connection.end(CloseReason.CLOSED);
    assertEquals(List.of("open", "close 1000"), handler.take());
  }

  @Test
  void aPeerThatDoesNotAnswerIsAbortedAfterTheTimeout() {
    bench.ws.close();
    bench.connection.fireTimer();
    assertTrue(bench.connection.aborted);
    bench.connection.end(CloseReason.ABORTED);
    assertEquals(List.of("open", "close 1006"), handler.take());
    assertEquals(1, bench.statistics().closeTimeouts());
  }

  @Test
  void theEndOfInputWithoutACloseFrameIs1006() {
    bench.connection.receive(Wire.text("half"));
    bench.ws.onEndOfInput(bench.connection);
    assertTrue(bench.connection.closed);
    assertEquals(SendStatus.CLOSED, bench.ws.sendText("late"));
    bench.connection.end(CloseReason.CLOSED);
    assertEquals(List.of("open", "text half", "close 1006"), handler.take());
  }

  @Test
  void aResetIs1006AndReturnsWhatWasGathered() {
    bench.connection.receive(Wire.frame(Opcode.TEXT, false, new byte[] {'a'}));
    assertEquals(1, bench.connection.lentBuffers());
    bench.connection.end(CloseReason.RESET);
    assertEquals(0, bench.connection.lentBuffers());
    assertEquals(List.of("open", "close 1006"), handler.take());
    assertEquals(0, bench.statistics().open());
    assertEquals(List.of(), bench.sessions.open());
  }

  @Test
  void abortSendsNothing() {
    bench.ws.sendText("lost");
    bench.ws.abort();
    assertTrue(bench.connection.aborted);
    assertEquals(SendStatus.CLOSED, bench.ws.sendText("late"));
    bench.connection.end(CloseReason.ABORTED);
    assertEquals(List.of("open", "close 1006"), handler.take());
  }

  @Test
  void aBrokenRuleIsToldWithItsCodeAndEndsTheConnection() {
    bench.connection.receive(Wire.frame(Opcode.TEXT, new byte[] {(byte) 0xFF}));
    assertEquals(List.of("close 1007 a text message is not UTF-8 (RFC 6455 §8.1)"), bench.sent());
    assertTrue(bench.connection.closed);
    assertEquals(1, bench.statistics().violations());
    bench.connection.end(CloseReason.CLOSED);
    assertEquals(
        List.of("open", "close 1007 a text message is not UTF-8 (RFC 6455 §8.1)"), handler.take());
  }

  @Test
  void aBrokenRuleAfterOurCloseFrameSendsNoSecondOne() {
    bench.ws.close();
    bench.connection.receive("not a frame".getBytes(StandardCharsets.US_ASCII));
    assertEquals(List.of("close 1000"), bench.sent());
    assertTrue(bench.connection.closed);
  }

  @Test
  void codesThatMustNotBeSentAndLongReasonsAreRefused() {
    for (int code : new int[] {0, 999, 1004, 1005, 1006, 1015, 2999, 5000}) {
      assertThrows(IllegalArgumentException.class, () -> bench.ws.close(code, ""));
    }
    assertThrows(IllegalArgumentException.class, () -> bench.ws.close(1000, "ü".repeat(62)));
    bench.ws.close(1000, "ü".repeat(61));
    assertEquals(List.of("close 1000 " + "ü".repeat(61)), bench.sent());
  }

  @Test
  void aClientLeavesTheEndOfTheConnectionToTheServer() {
    var client = new Bench(handler, SessionOptions.defaults(), Bench.NO_OFFLOAD, true);
    // A server's close frame: not masked.
    client.connection.receive(new byte[] {(byte) 0x88, 2, 0x03, (byte) 0xE8});
    assertFalse(client.connection.closed);
    assertTrue(client.connection.timerNanos > 0);
    client.connection.flush();
    assertEquals(List.of("close 1000"), Wire.read(client.connection.takeSent(), true));
    client.ws.onEndOfInput(client.connection);
    assertTrue(client.connection.closed);
    client.connection.end(CloseReason.CLOSED);
    assertEquals(List.of("open", "open", "close 1000"), handler.take());
  }
}
