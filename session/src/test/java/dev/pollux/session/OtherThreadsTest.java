package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

final class OtherThreadsTest {
  private static final OutputPolicy POLICY =
      OutputPolicy.DEFAULT.withWatermarks(150, 300).withMaxPendingBytes(1000);

  private final Recorder handler = new Recorder();
  private final Bench bench = new Bench(handler, POLICY);

  /// Runs it on another thread and waits.
  private static <T> T elsewhere(Callable<T> call) throws Exception {
    var task = new FutureTask<>(call);
    Thread thread = Thread.ofPlatform().start(task);
    T result = task.get();
    thread.join();
    return result;
  }

  @Test
  void whatIsSentElsewhereGoesOutWhenTheOwnerRuns() throws Exception {
    assertEquals(SendStatus.ACCEPTED, elsewhere(() -> bench.ws.sendText("one")));
    assertEquals(SendStatus.ACCEPTED, elsewhere(() -> bench.ws.sendBinary(new byte[2])));
    assertEquals(List.of(), bench.sent());
    assertEquals(2, bench.connection.runTasks());
    assertEquals(List.of("text one", "binary 2"), bench.sent());
    assertEquals(2, bench.statistics().messagesOut());
  }

  @Test
  void theCallersArrayIsItsOwnAgainAtOnce() throws Exception {
    byte[] data = {'a', 'b'};
    elsewhere(() -> bench.ws.sendBinary(data));
    elsewhere(() -> bench.ws.sendBinary(ByteBuffer.wrap(data)));
    data[0] = 'x';
    bench.connection.runTasks();
    bench.connection.flush();
    byte[] frame = {(byte) 0x82, 2, 'a', 'b'};
    assertArrayEquals(Wire.join(frame, frame), bench.connection.takeSent());
  }

  @Test
  void handedOverBytesCountAsPendingAtOnce() throws Exception {
    assertEquals(SendStatus.ACCEPTED, elsewhere(() -> bench.ws.sendBinary(new byte[200])));
    assertEquals(204, bench.ws.pendingOutput());
    assertEquals(SendStatus.BACKPRESSURE, elsewhere(() -> bench.ws.sendBinary(new byte[200])));
    assertEquals(SendStatus.BACKPRESSURE, bench.ws.sendBinary(new byte[100]));
    assertEquals(SendStatus.BACKPRESSURE, elsewhere(() -> bench.ws.sendBinary(new byte[900])));
    assertEquals(SendStatus.DROPPED, elsewhere(() -> bench.ws.sendBinary(new byte[1])));
    assertEquals(SendStatus.DROPPED, bench.ws.sendBinary(new byte[1]));
    assertEquals(2, bench.statistics().dropped());
    assertEquals(2 * 204 + 102 + 904, elsewhere(bench.ws::pendingOutput));
    bench.connection.runTasks();
    assertEquals(2 * 204 + 102 + 904, bench.ws.pendingOutput());
    handler.take();
    bench.connection.flush();
    assertEquals(0, bench.ws.pendingOutput());
    assertEquals(List.of("drain"), handler.take());
  }

  @Test
  void drainIsOwedToOtherThreadsAfterTheirFramesWereWritten() throws Exception {
    handler.take();
    assertEquals(SendStatus.BACKPRESSURE, elsewhere(() -> bench.ws.sendBinary(new byte[400])));
    assertEquals(List.of(), handler.take());
    bench.connection.runTasks();
    assertEquals(List.of(), handler.take());
    bench.connection.flush();
    assertEquals(List.of("drain"), handler.take());
  }

  @Test
  void otherThreadsSeeWhatTheKernelHasNotTaken() throws Exception {
    bench.connection.kernelRoom = 0;
    bench.ws.sendBinary(new byte[1200]);
    assertEquals(1204, elsewhere(bench.ws::pendingOutput));
    assertEquals(SendStatus.DROPPED, elsewhere(() -> bench.ws.sendText("no")));
    bench.connection.kernelRoom = 600;
    bench.connection.flush();
    assertEquals(SendStatus.BACKPRESSURE, elsewhere(() -> bench.ws.sendText("yes")));
  }

  @Test
  void aCloseElsewhereComesBehindWhatWasSentBefore() throws Exception {
    elsewhere(() -> {
      bench.ws.sendText("last");
      bench.ws.close(4000, "done");
      assertEquals(SendStatus.CLOSED, bench.ws.sendText("too late"));
      assertFalse(bench.ws.isOpen());
      return null;
    });
    assertEquals(SendStatus.CLOSED, bench.ws.sendText("too late"));
    bench.connection.runTasks();
    assertEquals(List.of("text last", "close 4000 done"), bench.sent());
  }

  @Test
  void anAbortElsewhereIsRunByTheOwner() throws Exception {
    elsewhere(() -> {
      bench.ws.abort();
      return null;
    });
    assertFalse(bench.ws.isOpen());
    assertFalse(bench.connection.aborted);
    bench.connection.runTasks();
    assertTrue(bench.connection.aborted);
  }

  @Test
  void tasksRunAsTheOwnerAndTheirFailuresAreTheHandlers() throws Exception {
    handler.take();
    List<Boolean> owner = new ArrayList<>();
    assertTrue(elsewhere(() -> bench.ws.execute(() -> owner.add(bench.connection.isOwner()))));
    assertTrue(
        elsewhere(() ->
            bench.ws.execute(() -> {
              throw new IllegalStateException("task");
            })));
    bench.connection.runTasks();
    assertEquals(List.of(true), owner);
    assertEquals(List.of("error task"), handler.take());
    assertEquals(List.of("close 1011"), bench.sent());
  }

  @Test
  void manyThreadsLoseNothingAndKeepTheirOrder() throws Exception {
    var many = new Bench(handler, OutputPolicy.DEFAULT.withMaxPendingBytes(1 << 24));
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      String name = Integer.toString(t);
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 1000; i++) {
                  many.ws.sendText(name + " " + i);
                }
              }));
    }
    while (threads.stream().anyMatch(Thread::isAlive) || many.connection.waitingTasks() > 0) {
      many.connection.runTasks();
    }
    List<String> sent = many.sent();
    assertEquals(4000, sent.size());
    for (int t = 0; t < 4; t++) {
      String prefix = "text " + t + " ";
      List<String> own = sent.stream().filter(each -> each.startsWith(prefix)).toList();
      for (int i = 0; i < 1000; i++) {
        assertEquals(prefix + i, own.get(i));
      }
    }
    assertEquals(0, many.ws.pendingOutput());
  }
}
