package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.CloseReason;
import dev.pollux.websocket.Opcode;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The test's timer fires when the test says so: a tick is half an interval.
final class KeepAliveTest {
  private static final KeepAlive MINUTE =
      KeepAlive.NONE.withPing(Duration.ofMinutes(1), Duration.ofSeconds(20));

  private final Recorder handler = new Recorder();

  private Bench bench(KeepAlive keepAlive) {
    return new Bench(
        handler, SessionOptions.defaults().withKeepAlive(keepAlive), Bench.NO_OFFLOAD, false);
  }

  private static void pong(Bench bench) {
    bench.connection.receive(Wire.frame(Opcode.PONG, new byte[0]));
  }

  @Test
  void theFirstLookIsSomewhereInTheTick() {
    long first = bench(MINUTE).connection.timerNanos;
    assertTrue(first > Duration.ofSeconds(15).toNanos(), "first look after " + first);
    assertTrue(first <= Duration.ofSeconds(30).toNanos(), "first look after " + first);
    assertEquals(-1, bench(KeepAlive.NONE).connection.timerNanos);
  }

  @Test
  void aSilentPeerIsPinged() {
    Bench bench = bench(MINUTE);
    bench.connection.fireTimer();
    assertEquals(List.of(), bench.sent());
    assertEquals(Duration.ofSeconds(30).toNanos(), bench.connection.timerNanos);
    bench.connection.fireTimer();
    assertEquals(List.of("ping "), bench.sent());
    assertEquals(Duration.ofSeconds(20).toNanos(), bench.connection.timerNanos);
  }

  @Test
  void aPeerThatAnswersIsPingedAgainAfterTheNextSilence() {
    Bench bench = bench(MINUTE);
    bench.connection.fireTimer();
    bench.connection.fireTimer();
    pong(bench);
    bench.connection.fireTimer();
    assertFalse(bench.connection.aborted);
    assertEquals(Duration.ofSeconds(30).toNanos(), bench.connection.timerNanos);
    bench.connection.fireTimer();
    assertEquals(List.of("ping "), bench.sent());
    bench.connection.fireTimer();
    assertEquals(List.of("ping "), bench.sent());
    assertEquals(0, bench.statistics().pingTimeouts());
  }

  @Test
  void aPeerThatAnswersNothingIsDropped() {
    Bench bench = bench(MINUTE);
    for (int i = 0; i < 3; i++) {
      bench.connection.fireTimer();
    }
    assertTrue(bench.connection.aborted);
    bench.connection.end(CloseReason.ABORTED);
    assertEquals(
        List.of("open", "close 1006 the peer was silent and answered no ping"), handler.take());
    assertEquals(1, bench.statistics().pingTimeouts());
  }

  @Test
  void aPeerThatTakesWhatIsBeforeThePingIsWaitedFor() {
    Bench bench = bench(MINUTE);
    bench.connection.peerTakes = true;
    for (int i = 0; i < 10; i++) {
      bench.connection.fireTimer();
    }
    assertFalse(bench.connection.aborted);
    assertEquals(List.of("ping "), bench.sent());
    assertEquals(Duration.ofSeconds(20).toNanos(), bench.connection.timerNanos);
    bench.connection.peerTakes = false;
    bench.connection.fireTimer();
    assertTrue(bench.connection.aborted);
    assertEquals(1, bench.statistics().pingTimeouts());
  }

  @Test
  void aPeerThatTalksIsNotPinged() {
    Bench bench = bench(MINUTE);
    for (int i = 0; i < 10; i++) {
      bench.connection.receive(Wire.text("x"));
      bench.connection.fireTimer();
    }
    assertEquals(List.of(), bench.sent());
  }

  @Test
  void whileReadingIsPausedTakingOutputIsASignOfLife() {
    Bench bench =
        new Bench(
            handler,
            SessionOptions.defaults()
                .withKeepAlive(MINUTE)
                .withOutput(OutputPolicy.DEFAULT.withWatermarks(10, 100)),
            Bench.NO_OFFLOAD,
            false);
    bench.connection.kernelRoom = 0;
    bench.ws.sendBinary(new byte[4000]);
    assertTrue(bench.connection.readingSuspended);
    for (int i = 0; i < 6; i++) {
      bench.connection.kernelRoom = 100;
      bench.connection.flush();
      bench.connection.fireTimer();
      assertFalse(bench.connection.aborted);
    }
    for (int i = 0; i < 3; i++) {
      bench.connection.fireTimer();
    }
    assertTrue(bench.connection.aborted, "takes nothing any more");
  }

  @Test
  void aPeerThatIsNotListenedToIsNotPinged() {
    Bench bench = bench(MINUTE);
    bench.ws.pauseReading();
    for (int i = 0; i < 10; i++) {
      bench.connection.fireTimer();
    }
    assertEquals(List.of(), bench.sent());
  }

  @Test
  void aSessionThatIsNotReadIsNotIdle() {
    Bench bench = bench(KeepAlive.NONE.withIdleTimeout(Duration.ofMinutes(1)));
    bench.ws.pauseReading();
    for (int i = 0; i < 10; i++) {
      bench.connection.fireTimer();
    }
    assertEquals(List.of(), bench.sent());
    bench.ws.resumeReading();
    bench.connection.fireTimer();
    bench.connection.fireTimer();
    assertEquals(List.of("close 1001 idle"), bench.sent());
  }

  @Test
  void aSessionWithoutMessagesIsClosed() {
    Bench bench = bench(KeepAlive.NONE.withIdleTimeout(Duration.ofMinutes(1)));
    bench.connection.fireTimer();
    bench.connection.receive(Wire.text("in"));
    bench.connection.fireTimer();
    bench.ws.sendText("out");
    bench.connection.fireTimer();
    bench.connection.fireTimer();
    pong(bench);
    bench.connection.fireTimer();
    assertEquals(List.of("text out", "close 1001 idle"), bench.sent());
    assertEquals(1, bench.statistics().idleTimeouts());
    // From here on the timer is the close handshake's.
    bench.connection.fireTimer();
    assertTrue(bench.connection.aborted);
    assertEquals(1, bench.statistics().closeTimeouts());
  }

  @Test
  void aCloseTakesTheTimerOver() {
    Bench bench = bench(MINUTE);
    bench.ws.close();
    assertEquals(Duration.ofSeconds(5).toNanos(), bench.connection.timerNanos);
    bench.connection.fireTimer();
    assertEquals(1, bench.statistics().closeTimeouts());
    assertEquals(0, bench.statistics().pingTimeouts());
  }

  @Test
  void timesHaveBounds() {
    Duration no = Duration.ofMillis(9);
    Duration yes = Duration.ofSeconds(1);
    assertThrows(IllegalArgumentException.class, () -> KeepAlive.NONE.withPing(no, yes));
    assertThrows(IllegalArgumentException.class, () -> KeepAlive.NONE.withPing(yes, no));
    assertThrows(IllegalArgumentException.class, () -> KeepAlive.NONE.withPing(yes, Duration.ZERO));
    assertThrows(
        IllegalArgumentException.class, () -> KeepAlive.NONE.withIdleTimeout(Duration.ofDays(8)));
  }

  // A message that does not end

  private static final KeepAlive MESSAGE = KeepAlive.NONE.withMessageTimeout(Duration.ofMinutes(1));

  private static byte[] beginning() {
    byte[] whole = Wire.frame(Opcode.BINARY, new byte[100]);
    return Arrays.copyOf(whole, whole.length - 1);
  }

  @Test
  void aMessageThatDoesNotEndInTimeIsTheEnd() {
    Bench bench = bench(MESSAGE);
    bench.connection.receive(beginning());
    // The first look only finds it: half a minute may have passed, or nothing.
    bench.connection.fireTimer();
    bench.connection.fireTimer();
    assertEquals(List.of(), bench.sent());
    bench.connection.fireTimer();
    assertEquals(List.of("close 1008 a message took too long"), bench.sent());
    assertTrue(bench.connection.closed);
    assertEquals(1, bench.sessions.statistics().messageTimeouts());
  }

  @Test
  void oneMessageAfterTheOtherMayTakeAsLongAsTheyLike() {
    Bench bench = bench(MESSAGE);
    byte[] whole = Wire.frame(Opcode.BINARY, new byte[100]);
    byte[] rest = {whole[whole.length - 1]};
    bench.connection.receive(beginning());
    for (int i = 0; i < 10; i++) {
      bench.connection.fireTimer();
      bench.connection.fireTimer();
      bench.connection.receive(rest);
      bench.connection.receive(beginning());
    }
    assertEquals(List.of(), bench.sent());
    assertEquals(10, bench.sessions.statistics().messagesIn());
  }

  @Test
  void whileNobodyReadsThatTimeStandsStill() {
    Bench bench = bench(MESSAGE);
    bench.connection.receive(beginning());
    bench.connection.fireTimer();
    bench.ws.pauseReading();
    for (int i = 0; i < 10; i++) {
      bench.connection.fireTimer();
    }
    assertEquals(List.of(), bench.sent());
    bench.ws.resumeReading();
    bench.connection.fireTimer();
    bench.connection.fireTimer();
    assertEquals(List.of("close 1008 a message took too long"), bench.sent());
  }
}
