package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.CloseReason;
import dev.pollux.websocket.Opcode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StreamingHandlerTest {

  private static class InParts extends Recorder implements StreamingHandler {
    @Override
    public int wholeUpToBytes() {
      return 4;
    }

    @Override
    public void onPart(WebSocket ws, Message part, boolean last) {
      String what = part.isText() ? part.text() : part.length() + " bytes";
      events.add("part " + what + (last ? "." : ""));
    }
  }

  private final InParts handler = new InParts();
  private final Bench bench = new Bench(handler);

  private void receive(byte[] frame, int cut) {
    byte[] head = java.util.Arrays.copyOf(frame, cut);
    bench.connection.receive(head);
    bench.connection.receive(java.util.Arrays.copyOfRange(frame, cut, frame.length));
  }

  @Test
  void shortMessagesComeWholeAndLongOnesInParts() {
    bench.connection.receive(Wire.text("whole"));
    bench.connection.receive(Wire.text("hole"));
    receive(Wire.text("in two parts"), 6 + 6);
    receive(Wire.binary(1000), 100);
    bench.connection.end(CloseReason.RESET);
    assertEquals(
        List.of(
            "open",
            "part whole.",
            "text hole",
            "part in two",
            "part  parts.",
            "part 92 bytes",
            "part 908 bytes.",
            "close 1006"),
        handler.take());
    assertEquals(4, bench.statistics().messagesIn());
    assertEquals(5 + 4 + 12 + 1000, bench.statistics().payloadBytesIn());
    assertEquals(0, bench.connection.lentBuffers());
  }

  @Test
  void aMessageMayBeLongerThanAnyMessageThatIsHeld() {
    byte[] part = new byte[1 << 19];
    bench.connection.receive(Wire.frame(Opcode.BINARY, false, part));
    for (int i = 0; i < 2000; i++) {
      bench.connection.receive(Wire.frame(Opcode.CONTINUATION, false, new byte[] {1}));
    }
    for (int i = 0; i < 5; i++) {
      bench.connection.receive(Wire.frame(Opcode.CONTINUATION, i == 4, part));
    }
    assertEquals("part 524288 bytes.", handler.events.getLast());
    assertEquals(List.of(), bench.sent());
  }

  @Test
  void whatIsNotUtf8IsRefusedAsItArrives() {
    byte[] bad = {'g', 'o', 'o', 'd', ' ', 't', (byte) 0xC3, (byte) 0x28};
    bench.connection.receive(
        Wire.frame(Opcode.TEXT, false, "all good".getBytes(StandardCharsets.UTF_8)));
    bench.connection.receive(Wire.frame(Opcode.CONTINUATION, false, bad));
    assertEquals(List.of("open", "part all good"), handler.take());
    assertEquals("close 1007", bench.sent().getFirst().substring(0, 10));
  }

  @Test
  void afterACloseOfItsOwnNoPartComes() {
    var closing =
        new InParts() {
          @Override
          public void onPart(WebSocket ws, Message part, boolean last) {
            super.onPart(ws, part, last);
            ws.close(4000, "enough");
          }
        };
    var other = new Bench(closing);
    other.connection.receive(
        Wire.join(
            Wire.frame(Opcode.TEXT, false, "first part".getBytes(StandardCharsets.UTF_8)),
            Wire.frame(Opcode.CONTINUATION, true, "second".getBytes(StandardCharsets.UTF_8))));
    assertEquals(List.of("open", "part first part"), closing.take());
    assertEquals(List.of("close 4000 enough"), other.sent());
  }

  @Test
  void aHandlerMayLetThePeerWait() throws Exception {
    bench.ws.pauseReading();
    bench.ws.pauseReading();
    assertTrue(bench.connection.readingSuspended);
    var elsewhere = Thread.ofPlatform().start(bench.ws::resumeReading);
    elsewhere.join();
    assertTrue(bench.connection.readingSuspended);
    bench.connection.runTasks();
    assertFalse(bench.connection.readingSuspended);
    bench.ws.resumeReading();
    assertEquals(1, bench.connection.resumes);
  }

  @Test
  void thePeerWaitsUntilNeitherHandlerNorOutputWantsItTo() {
    bench.connection.kernelRoom = 0;
    bench.ws.pauseReading();
    bench.ws.sendBinary(new byte[70_000]);
    bench.ws.resumeReading();
    assertTrue(bench.connection.readingSuspended, "output is pending");
    bench.ws.pauseReading();
    bench.connection.kernelRoom = 100_000;
    bench.connection.flush();
    assertTrue(bench.connection.readingSuspended, "the handler wants it");
    bench.ws.resumeReading();
    assertFalse(bench.connection.readingSuspended);
  }

  @Test
  void aCloseEndsTheWaiting() {
    bench.ws.pauseReading();
    bench.ws.close();
    assertFalse(bench.connection.readingSuspended);
    bench.ws.pauseReading();
    assertFalse(bench.connection.readingSuspended);
  }

  @Test
  void aHandlerThatFailsInAPartIsClosedWith1011() {
    var failing =
        new InParts() {
          @Override
          public void onPart(WebSocket ws, Message part, boolean last) {
            throw new IllegalStateException("full");
          }
        };
    var other = new Bench(failing);
    other.connection.receive(Wire.text("too long"));
    assertEquals(List.of("open", "error full"), failing.take());
    assertEquals(List.of("close 1011"), other.sent());
  }
}
