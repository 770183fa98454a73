package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.pollux.websocket.Opcode;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MessagesTest {
  /// What a [Message] takes, which no handler can be shown twice.
  private static final int MESSAGE_BYTES = 32;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void textAndBinaryAreDelivered() {
    var handler = new Recorder();
    var bench = new Bench(handler);
    bench.connection.receive(Wire.join(Wire.text("grüße"), Wire.binary(3), Wire.text("")));
    assertEquals(List.of("open", "text grüße", "binary 3", "text "), handler.take());
    assertEquals(3, bench.statistics().messagesIn());
    assertEquals(7 + 3, bench.statistics().payloadBytesIn());
  }

  @Test
  void fragmentsAndSplitBytesMakeOneMessage() {
    var handler = new Recorder();
    var bench = new Bench(handler);
    byte[] both =
        Wire.join(
            Wire.frame(Opcode.TEXT, false, "Hel".getBytes(StandardCharsets.US_ASCII)),
            Wire.frame(Opcode.PING, "?".getBytes(StandardCharsets.US_ASCII)),
            Wire.frame(Opcode.CONTINUATION, true, "lo".getBytes(StandardCharsets.US_ASCII)));
    for (byte each : both) {
      bench.connection.receive(new byte[] {each});
    }
    assertEquals(List.of("open", "text Hello"), handler.take());
    assertEquals(List.of("pong ?"), bench.sent());
    assertEquals(0, bench.connection.lentBuffers());
  }

  @Test
  void everyWayToSendArrives() {
    var bench = new Bench(new Recorder.Echo());
    assertEquals(SendStatus.ACCEPTED, bench.ws.sendText(CharBuffer.wrap("a text, ü")));
    assertEquals(SendStatus.ACCEPTED, bench.ws.sendBinary(new byte[3]));
    ByteBuffer heap = ByteBuffer.wrap(new byte[10], 2, 4);
    assertEquals(SendStatus.ACCEPTED, bench.ws.sendBinary(heap));
    assertEquals(4, heap.remaining());
    assertEquals(SendStatus.ACCEPTED, bench.ws.sendBinary(ByteBuffer.allocateDirect(5)));
    assertEquals(
        SendStatus.ACCEPTED, bench.ws.sendBinary(ByteBuffer.allocate(6).asReadOnlyBuffer()));
    assertEquals(SendStatus.ACCEPTED, bench.ws.ping(ByteBuffer.wrap(new byte[] {'!'})));
    bench.connection.receive(Wire.text("echo"));
    assertEquals(
        List.of(
            "text a text, ü",
            "binary 3",
            "binary 4",
            "binary 5",
            "binary 6",
            "ping !",
            "text echo"),
        bench.sent());
    assertEquals(6, bench.statistics().messagesOut());
    assertEquals(10 + 3 + 4 + 5 + 6 + 4, bench.statistics().payloadBytesOut());
  }

  @Test
  void everyLengthOfHeaderAndPieceIsWrittenRight() {
    for (int length : new int[] {0, 1, 125, 126, 16_380, 16_381, 65_535, 65_536, 200_000}) {
      for (boolean client : new boolean[] {false, true}) {
        var bench = new Bench(new Recorder(), SessionOptions.defaults(), Bench.NO_OFFLOAD, client);
        String text = "x".repeat(Math.max(0, length - 1)) + (length > 0 ? "." : "");
        bench.ws.sendText(text);
        bench.connection.flush();
        assertEquals(List.of("text " + text), Wire.read(bench.connection.takeSent(), client));
      }
    }
  }

  @Test
  void aMessageIsOverWhenTheCallIs() {
    List<Message> kept = new ArrayList<>();
    var bench =
        new Bench(
            new WebSocketHandler() {
              @Override
              public void onMessage(WebSocket ws, Message message) {
                kept.add(message);
                assertEquals("now", message.text());
                assertEquals(3, message.bytes().remaining());
                assertTrue(message.bytes().isReadOnly());
              }
            });
    bench.connection.receive(Wire.text("now"));
    assertEquals(0, bench.statistics().handlerFailures());
    Message over = kept.getFirst();
    assertThrows(IllegalStateException.class, over::text);
    assertThrows(IllegalStateException.class, over::bytes);
    assertThrows(IllegalStateException.class, over::toByteArray);
    assertThrows(IllegalStateException.class, () -> bench.ws.send(over));
  }

  @Test
  void aPingOfMoreThan125BytesIsRefused() {
    var bench = new Bench(new Recorder());
    assertThrows(IllegalArgumentException.class, () -> bench.ws.ping(ByteBuffer.allocate(126)));
    assertEquals(List.of(), bench.sent());
  }

  @Test
  void anEchoAllocatesItsMessageAndNothingMore() {
    var bench =
        new Bench(
            new WebSocketHandler() {
              @Override
              public void onMessage(WebSocket ws, Message message) {
                ws.send(message);
              }
            });
    byte[] frame = Wire.binary(64);
    MemorySegment received = MemorySegment.ofArray(frame);
    long perMessage = Long.MAX_VALUE;
    // The first rounds run while the code is still being compiled.
    for (int round = 0; round < 50 && perMessage > MESSAGE_BYTES; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10_000; i++) {
        bench.ws.onBytes(bench.connection, received, 0, frame.length);
        bench.connection.forgetOutput();
      }
      perMessage = (THREADS.getCurrentThreadAllocatedBytes() - before) / 10_000;
    }
    assertTrue(perMessage <= MESSAGE_BYTES, perMessage + " bytes per message");
  }

  @Test
  void anIdleSessionWithItsParserIsBelow200BytesOfHeap() {
    var handler = new Recorder();
    var bench = new Bench(handler);
    Object[] kept = new Object[10_000];
    long bytes = 0;
    // What the first round allocates besides (classes, method handles) is not the sessions'.
    for (int round = 0; round < 2; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < kept.length; i++) {
        kept[i] = Bench.session(bench.sessions, bench.connection, handler, false, null);
      }
      bytes = (THREADS.getCurrentThreadAllocatedBytes() - before) / kept.length;
    }
    System.out.println("an idle session: " + bytes + " bytes of heap");
    assertTrue(bytes < 200, bytes + " bytes");
  }
}
