package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.CloseReason;
import dev.pollux.websocket.Opcode;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HandlerFailureTest {
  private final Recorder handler =
      new Recorder() {
        @Override
        public void onText(WebSocket ws, String text) {
          super.onText(ws, text);
          if (text.equals("fail")) {
            throw new IllegalStateException("a secret");
          }
        }
      };

  @Test
  void anExceptionIsToldAndClosesWith1011AndNotItsText() {
    var bench = new Bench(handler);
    bench.connection.receive(Wire.join(Wire.text("fail"), Wire.text("not delivered")));
    assertEquals(List.of("open", "text fail", "error a secret"), handler.take());
    assertEquals(List.of("close 1011"), bench.sent());
    assertEquals(1, bench.statistics().handlerFailures());
    bench.connection.receive(Wire.close(1011, ""));
    bench.connection.end(CloseReason.CLOSED);
    assertEquals(List.of("close 1011"), handler.take());
  }

  @Test
  void aMemberToWhomNothingCanBeWrittenIsAbortedAndHarmsNobodyElse() {
    var bench = new Bench(handler);
    bench.connection.outOfMemory = true;
    SharedMessage message =
        SharedMessage.of(Opcode.BINARY, MemorySegment.ofArray(new byte[3]), 3, null);
    // Thrown here, it would keep the message from those who come behind.
    assertFalse(SharedSends.writeShared(bench.ws, message));
    message.release();
    assertTrue(bench.connection.aborted);
    assertEquals(List.of("open", "error thrown on purpose by a test"), handler.take());
    assertEquals(1, bench.statistics().handlerFailures());
  }

  @Test
  void theHandlerMayCloseWithItsOwnCode() {
    var bench =
        new Bench(
            new WebSocketHandler() {
              @Override
              public void onOpen(WebSocket ws) {
                throw new IllegalStateException("at once");
              }

              @Override
              public void onError(WebSocket ws, Throwable cause) {
                ws.sendText("sorry");
                ws.close(4100, "by the handler");
              }
            });
    assertEquals(List.of("text sorry", "close 4100 by the handler"), bench.sent());
  }

  @Test
  void onErrorAndOnCloseMayThrowToo() {
    var bench =
        new Bench(
            new WebSocketHandler() {
              @Override
              public void onMessage(WebSocket ws, Message message) {
                throw new StackOverflowError();
              }

              @Override
              public void onError(WebSocket ws, Throwable cause) {
                throw new IllegalStateException("in onError");
              }

              @Override
              public void onClose(WebSocket ws, int code, String reason) {
                throw new IllegalStateException("in onClose");
              }
            });
    bench.connection.receive(Wire.text("x"));
    assertEquals(List.of("close 1011"), bench.sent());
    bench.connection.end(CloseReason.RESET);
    assertEquals(0, bench.statistics().open());
    assertEquals(2, bench.statistics().handlerFailures());
  }
}
