package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.websocket.Opcode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

final class MessageStreamTest {
  private static final OutputPolicy POLICY =
      OutputPolicy.DEFAULT.withWatermarks(150, 300).withMaxPendingBytes(1000);

  private final Recorder handler = new Recorder();
  private final Bench bench = new Bench(handler, POLICY);

  private static ByteBuffer utf8(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private byte[] wire() {
    bench.connection.flush();
    return bench.connection.takeSent();
  }

  private static void elsewhere(Runnable action) throws Exception {
    var task = new FutureTask<Void>(action, null);
    Thread.ofPlatform().start(task).join();
    task.get();
  }

  @Test
  void eachPartIsAFrame() {
    MessageStream stream = bench.ws.streamText();
    assertEquals(SendStatus.ACCEPTED, stream.send("Hel"));
    assertEquals(SendStatus.ACCEPTED, stream.send(utf8("lo")));
    assertEquals(SendStatus.ACCEPTED, stream.send(""));
    assertFalse(stream.isFinished());
    assertEquals(SendStatus.ACCEPTED, stream.finish());
    assertTrue(stream.isFinished());
    assertArrayEquals(
        new byte[] {0x01, 3, 'H', 'e', 'l', 0x00, 2, 'l', 'o', (byte) 0x80, 0}, wire());
    assertEquals(1, bench.statistics().messagesOut());
    assertEquals(5, bench.statistics().payloadBytesOut());
    assertThrows(IllegalStateException.class, () -> stream.send("more"));
    assertThrows(IllegalStateException.class, stream::finish);
  }

  @Test
  void anEmptyMessageIsOneFrame() {
    bench.ws.streamBinary().finish();
    assertArrayEquals(new byte[] {(byte) 0x82, 0}, wire());
  }

  @Test
  void aSecondStreamHasToWaitForTheFirst() {
    MessageStream first = bench.ws.streamBinary();
    assertThrows(IllegalStateException.class, bench.ws::streamText);
    first.finish();
    bench.ws.streamText().finish();
    assertEquals(List.of("binary 0", "text "), bench.sent());
  }

  @Test
  void wholeMessagesWaitBehindItAndControlFramesDoNot() throws Exception {
    MessageStream stream = bench.ws.streamText();
    stream.send("a");
    assertEquals(SendStatus.ACCEPTED, bench.ws.sendText("whole 1"));
    elsewhere(() -> assertEquals(SendStatus.ACCEPTED, bench.ws.sendText("whole 2")));
    bench.connection.runTasks();
    bench.ws.ping(utf8("p"));
    bench.connection.receive(Wire.frame(Opcode.PING, new byte[] {'q'}));
    assertTrue(bench.ws.pendingOutput() >= 18, "what waits is pending");
    stream.send("b");
    stream.finish();
    bench.ws.sendText("whole 3");
    assertEquals(
        List.of("ping p", "pong q", "text ab", "text whole 1", "text whole 2", "text whole 3"),
        bench.sent());
    assertEquals(0, bench.ws.pendingOutput());
    assertEquals(4, bench.statistics().messagesOut());
  }

  @Test
  void whatWaitsIsBounded() {
    MessageStream stream = bench.ws.streamText();
    stream.send("a");
    assertEquals(SendStatus.BACKPRESSURE, bench.ws.sendBinary(new byte[900]));
    assertEquals(SendStatus.BACKPRESSURE, bench.ws.sendBinary(new byte[900]));
    assertEquals(SendStatus.DROPPED, bench.ws.sendBinary(new byte[1]));
    // What waits behind it does not keep its end from going out, which lets them go.
    assertEquals(SendStatus.BACKPRESSURE, stream.finish());
    assertEquals(List.of("text a", "binary 900", "binary 900"), bench.sent());
    assertEquals(0, bench.ws.pendingOutput());
  }

  @Test
  void drainIsToldAlthoughWholeMessagesWaitBehindTheParts() {
    MessageStream stream = bench.ws.streamText();
    stream.send("a");
    for (int i = 0; i < 3; i++) {
      bench.ws.sendBinary(new byte[100]);
    }
    handler.take();
    bench.connection.kernelRoom = 0;
    assertEquals(SendStatus.BACKPRESSURE, stream.send("x".repeat(400)));
    bench.connection.kernelRoom = 1_000_000;
    bench.connection.flush();
    assertEquals(List.of("drain"), handler.take());
    // A part is not judged by what waits behind it.
    assertEquals(SendStatus.ACCEPTED, stream.send("b"));
  }

  @Test
  void drainIsToldAlsoIfAllThatIsPendingWaitsBehindTheParts() {
    MessageStream stream = bench.ws.streamText();
    stream.send("a");
    bench.connection.flush();
    handler.take();
    assertEquals(SendStatus.BACKPRESSURE, bench.ws.sendBinary(new byte[400]));
    assertEquals(List.of(), handler.take(), "not from within the send");
    bench.connection.runTasks();
    assertEquals(List.of("drain"), handler.take());
  }

  @Test
  void aDroppedPartCanBeSentAgain() {
    bench.connection.kernelRoom = 0;
    MessageStream stream = bench.ws.streamText();
    stream.send("x".repeat(1001));
    assertEquals(SendStatus.DROPPED, stream.send("\uD83D\uDE00 and more"));
    bench.connection.kernelRoom = 1_000_000;
    bench.connection.flush();
    handler.take();
    assertEquals(SendStatus.ACCEPTED, stream.send("\uD83D\uDE00 and more"));
    stream.finish();
    assertEquals(List.of("text " + "x".repeat(1001) + "\uD83D\uDE00 and more"), bench.sent());
  }

  @Test
  void drainIsToldToAStreamToo() {
    bench.connection.kernelRoom = 0;
    MessageStream stream = bench.ws.streamBinary();
    assertEquals(SendStatus.BACKPRESSURE, stream.send(ByteBuffer.allocate(400)));
    bench.connection.kernelRoom = 1_000_000;
    bench.connection.flush();
    assertEquals(List.of("open", "drain"), handler.take());
  }

  @Test
  void aSurrogatePairMayBeCutAndACharacterOfBytesToo() {
    MessageStream stream = bench.ws.streamText();
    stream.send("\uD83D");
    stream.send("\uDE00");
    byte[] euro = "€".getBytes(StandardCharsets.UTF_8);
    stream.send(ByteBuffer.wrap(euro, 0, 1));
    assertThrows(IllegalStateException.class, () -> stream.send("text in a character"));
    assertThrows(IllegalStateException.class, stream::finish);
    stream.send(ByteBuffer.wrap(euro, 1, 2));
    stream.send("end \uD83D");
    stream.finish();
    assertEquals(List.of("text \uD83D\uDE00€end ?"), bench.sent());
  }

  @Test
  void bytesThatAreNotUtf8AreRefusedAndTheStreamIsAsBefore() {
    MessageStream stream = bench.ws.streamText();
    stream.send("good ");
    assertThrows(
        IllegalArgumentException.class,
        () -> stream.send(ByteBuffer.wrap(new byte[] {'a', (byte) 0xFF})));
    stream.send("still");
    stream.finish();
    assertEquals(List.of("text good still"), bench.sent());
  }

  @Test
  void partsOfSeveralThreadsKeepTheOrderOfTheCalls() throws Exception {
    MessageStream stream = bench.ws.streamText();
    elsewhere(() -> stream.send("1 "));
    // By the owner, before its inbox was looked at.
    stream.send("2 ");
    elsewhere(() -> stream.send("3"));
    stream.finish();
    MessageStream next = bench.ws.streamText();
    next.send("next");
    next.finish();
    assertEquals(List.of(), bench.sent());
    bench.connection.runTasks();
    assertEquals(List.of("text 1 2 3", "text next"), bench.sent());
  }

  @Test
  void aCloseEndsItAndNothingIsSentAfter() {
    MessageStream stream = bench.ws.streamText();
    stream.send("begun");
    bench.ws.close();
    assertEquals(SendStatus.CLOSED, stream.send("more"));
    assertEquals(SendStatus.CLOSED, stream.finish());
    assertArrayEquals(
        new byte[] {0x01, 5, 'b', 'e', 'g', 'u', 'n', (byte) 0x88, 2, 0x03, (byte) 0xE8}, wire());
  }

  @Test
  void aClientMasksItsParts() {
    var client = new Bench(handler, SessionOptions.defaults(), Bench.NO_OFFLOAD, true);
    MessageStream stream = client.ws.streamText();
    stream.send("mas");
    stream.send("ked");
    stream.finish();
    client.connection.flush();
    assertEquals(List.of("text masked"), Wire.read(client.connection.takeSent(), true));
  }
}
