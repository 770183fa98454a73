package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchTest {

  private static Thread.Builder threads(boolean virtual) {
    return virtual ? Thread.ofVirtual() : Thread.ofPlatform();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @SuppressWarnings("ThreadPriorityCheck") // So that others are at it while this one is.
  void whatManyThreadsCountAtOnceIsCountedOnce(boolean virtual) throws Exception {
    int count = 200;
    int batches = 500;
    SessionCounters counters = new SessionCounters();
    List<Thread> started = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      started.add(
          threads(virtual)
              .start(() -> {
                for (int n = 0; n < batches; n++) {
                  Batch outer = Batch.begin();
                  outer.received(3);
                  Batch inner = Batch.begin();
                  inner.sent(5);
                  Thread.yield();
                  inner.end(counters);
                  outer.end(counters);
                }
              }));
    }
    for (Thread thread : started) {
      thread.join();
    }
    long all = (long) count * batches;
    assertEquals(all, counters.messagesIn.sum());
    assertEquals(3 * all, counters.payloadBytesIn.sum());
    assertEquals(all, counters.messagesOut.sum());
    assertEquals(5 * all, counters.payloadBytesOut.sum());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsInUseFurtherUpTheStackIsNotTakenAgain(boolean virtual) throws Exception {
    List<Batch> begun = new ArrayList<>();
    SessionCounters counters = new SessionCounters();
    Thread thread =
        threads(virtual)
            .start(() -> {
              for (int i = 0; i < 3; i++) {
                begun.add(Batch.begin());
              }
              begun.reversed().forEach(batch -> batch.end(counters));
            });
    thread.join();
    assertEquals(3, begun.size());
    assertNotSame(begun.get(0), begun.get(1));
    assertNotSame(begun.get(1), begun.get(2));
    assertNotSame(begun.get(0), begun.get(2));
  }
}
