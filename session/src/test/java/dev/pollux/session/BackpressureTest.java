package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.CloseReason;
import dev.pollux.session.OutputPolicy.Overflow;
import dev.pollux.websocket.Opcode;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Frames of 100 bytes of payload are 102 bytes on the wire.
final class BackpressureTest {
  private static final OutputPolicy POLICY =
      OutputPolicy.DEFAULT.withWatermarks(150, 300).withMaxPendingBytes(1000);

  private final Recorder handler = new Recorder();

  private Bench bench(OutputPolicy policy) {
    var bench = new Bench(handler, policy);
    bench.connection.kernelRoom = 0;
    handler.take();
    return bench;
  }

  private static SendStatus send100(Bench bench) {
    return bench.ws.sendBinary(new byte[100]);
  }

  @Test
  void aboveTheHighWatermarkItIsBackpressure() {
    var bench = bench(POLICY);
    assertEquals(SendStatus.ACCEPTED, send100(bench));
    assertEquals(SendStatus.ACCEPTED, send100(bench));
    assertEquals(SendStatus.BACKPRESSURE, send100(bench));
    assertEquals(306, bench.ws.pendingOutput());
  }

  @Test
  void atTheLowWatermarkDrainIsToldOnce() {
    var bench = bench(POLICY);
    for (int i = 0; i < 5; i++) {
      send100(bench);
    }
    bench.connection.kernelRoom = 359;
    bench.connection.flush();
    assertEquals(151, bench.ws.pendingOutput());
    assertEquals(List.of(), handler.take());
    bench.connection.kernelRoom = 1;
    bench.connection.flush();
    assertEquals(List.of("drain"), handler.take());
    bench.connection.kernelRoom = 1000;
    bench.connection.flush();
    assertEquals(List.of(), handler.take());
  }

  @Test
  void withoutBackpressureThereIsNoDrain() {
    var bench = bench(POLICY);
    send100(bench);
    bench.connection.kernelRoom = 1000;
    bench.connection.flush();
    assertEquals(List.of(), handler.take());
  }

  @Test
  void drainIsToldAgainWhenItFillsAgain() {
    var bench =
        new Bench(
            new Recorder() {
              @Override
              public void onDrain(WebSocket ws) {
                handler.onDrain(ws);
                if (handler.events.size() < 3) {
                  ws.sendBinary(new byte[400]);
                }
              }
            },
            POLICY);
    bench.ws.sendBinary(new byte[400]);
    for (int i = 0; i < 5; i++) {
      bench.connection.flush();
    }
    assertEquals(List.of("drain", "drain", "drain"), handler.take());
  }

  @Test
  void whatIsSentInOnDrainLetsThePeerWaitAgain() {
    var bench =
        new Bench(
            new Recorder.Echo() {
              @Override
              public void onDrain(WebSocket ws) {
                ws.sendBinary(new byte[400]);
              }
            },
            POLICY);
    bench.ws.sendBinary(new byte[400]);
    assertTrue(bench.connection.readingSuspended);
    bench.connection.flush();
    assertTrue(bench.connection.readingSuspended, "paused anew");
    assertEquals(404, bench.ws.pendingOutput());
  }

  @Test
  void beyondTheBoundMessagesAreDroppedAndCounted() {
    var bench = bench(POLICY);
    for (int i = 0; i < 9; i++) {
      assertTrue(send100(bench).isAccepted());
    }
    // 918 bytes are pending, which is not more than the bound: one more may come, of any length.
    assertEquals(SendStatus.BACKPRESSURE, bench.ws.sendBinary(new byte[5000]));
    assertEquals(SendStatus.DROPPED, send100(bench));
    assertEquals(1, bench.statistics().dropped());
    assertTrue(bench.ws.isOpen());
    bench.connection.kernelRoom = 1_000_000;
    assertEquals(10, bench.sent().size());
    assertEquals(SendStatus.ACCEPTED, send100(bench));
  }

  @Test
  void beyondTheBoundTheWebSocketIsClosedIfThePolicySaysSo() {
    var bench = bench(POLICY.withOverflow(Overflow.CLOSE));
    bench.ws.sendBinary(new byte[2000]);
    assertEquals(SendStatus.DROPPED, send100(bench));
    assertEquals(SendStatus.CLOSED, send100(bench));
    bench.connection.kernelRoom = 1_000_000;
    assertEquals(List.of("binary 2000", "close 1013 too much output is pending"), bench.sent());
  }

  @Test
  void readingIsPausedUntilTheLowWatermark() {
    var bench = new Bench(new Recorder.Echo(), POLICY);
    bench.connection.kernelRoom = 0;
    bench.connection.receive(Wire.join(Wire.binary(200), Wire.binary(200), Wire.binary(200)));
    assertTrue(bench.connection.readingSuspended);
    assertEquals(1, bench.statistics().pauses());
    assertEquals(2, bench.statistics().messagesIn(), "the third is kept");
    bench.connection.kernelRoom = 200;
    bench.connection.flush();
    bench.connection.runTasks();
    assertTrue(bench.connection.readingSuspended);
    bench.connection.kernelRoom = 1000;
    bench.connection.flush();
    bench.connection.runTasks();
    assertFalse(bench.connection.readingSuspended);
    bench.connection.flush();
    assertEquals(
        List.of("binary 200", "binary 200", "binary 200"), Wire.read(bench.connection.takeSent()));
    assertEquals(0, bench.statistics().dropped());
    assertEquals(0, bench.connection.lentBuffers());
  }

  @Test
  void howeverManyTheyAreEachIsAnsweredAndNoneIsDropped() {
    var bench = new Bench(new Recorder.Echo(), POLICY);
    byte[] received = new byte[0];
    for (int i = 0; i < 500; i++) {
      received = Wire.join(received, Wire.text("number " + i));
    }
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      expected.add("text number " + i);
    }
    bench.connection.receive(received);
    // What came behind it all the same, as over TLS or from a ring.
    byte[] last = Wire.text("last");
    bench.ws.onBytes(bench.connection, MemorySegment.ofArray(last), 0, last.length);
    expected.add("text last");
    List<String> sent = new ArrayList<>(bench.sent());
    while (bench.connection.runTasks() > 0 || bench.ws.pendingOutput() > 0) {
      assertTrue(bench.ws.pendingOutput() <= 300 + 20, "a frame more than the high watermark");
      sent.addAll(bench.sent());
    }
    assertEquals(expected, sent);
    assertEquals(0, bench.statistics().dropped());
    assertFalse(bench.connection.readingSuspended);
    assertEquals(0, bench.connection.lentBuffers());
  }

  @Test
  void whatIsKeptIsGivenBackWhenTheConnectionEnds() {
    var bench = new Bench(new Recorder.Echo(), POLICY);
    bench.connection.kernelRoom = 0;
    bench.connection.receive(Wire.join(Wire.binary(400), Wire.binary(200)));
    assertEquals(1, bench.connection.lentBuffers());
    bench.connection.end(CloseReason.RESET);
    bench.connection.runTasks();
    assertEquals(0, bench.connection.lentBuffers());
    assertEquals(1, bench.statistics().messagesIn());
  }

  @Test
  void aClientReadsOnAndItsSendIsRefusedInstead() {
    var client =
        new Bench(
            new Recorder.Echo(),
            SessionOptions.defaults().withOutput(POLICY),
            Bench.NO_OFFLOAD,
            true);
    client.connection.kernelRoom = 0;
    for (int i = 0; i < 10; i++) {
      client.connection.receive(Wire.frameOfServer(Opcode.BINARY, new byte[200]));
      assertFalse(client.connection.readingSuspended);
    }
    assertEquals(10, client.statistics().messagesIn());
    assertEquals(5, client.statistics().dropped());
    assertEquals(0, client.statistics().pauses());
  }

  @Test
  void readingGoesOnIfThePolicySaysSo() {
    var bench = bench(POLICY.withPauseReading(false));
    assertEquals(SendStatus.BACKPRESSURE, bench.ws.sendBinary(new byte[500]));
    assertFalse(bench.connection.readingSuspended);
  }

  @Test
  void ofThePingsThatWaitTheLatestIsAnswered() {
    var bench = bench(POLICY.withPauseReading(false));
    for (int i = 0; i < 3; i++) {
      bench.connection.receive(Wire.frame(Opcode.PING, new byte[100]));
    }
    assertEquals(306, bench.ws.pendingOutput());
    for (int i = 0; i < 20; i++) {
      byte[] ping = Wire.frame(Opcode.PING, new byte[] {(byte) ('a' + i)});
      bench.ws.onBytes(bench.connection, MemorySegment.ofArray(ping), 0, ping.length);
    }
    assertEquals(306, bench.ws.pendingOutput());
    bench.connection.kernelRoom = 1_000_000;
    bench.connection.flush();
    List<String> sent = bench.sent();
    assertEquals(4, sent.size());
    assertEquals("pong t", sent.getLast());
    assertEquals(List.of(), bench.sent());
  }

  @Test
  void aCloseReadsOnAlthoughOutputIsPending() {
    var bench = bench(POLICY);
    bench.ws.sendBinary(new byte[500]);
    assertTrue(bench.connection.readingSuspended);
    bench.ws.close();
    assertFalse(bench.connection.readingSuspended);
    bench.connection.kernelRoom = 1000;
    bench.connection.flush();
    assertEquals(List.of(), handler.take());
  }

  @Test
  void watermarksHaveAnOrder() {
    assertThrows(
        IllegalArgumentException.class, () -> OutputPolicy.DEFAULT.withWatermarks(2000, 1000));
    assertThrows(
        IllegalArgumentException.class, () -> OutputPolicy.DEFAULT.withMaxPendingBytes(1000));
  }
}
