package dev.pollux.net.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SerialQueueTest {
  private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
  private final SerialQueue queue = new SerialQueue(1 << 16, failures::add);

  @Test
  void neverRunsTwoAtOnceAndLosesNoneThatItAccepted() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    int[] ran = new int[1];
    AtomicInteger accepted = new AtomicInteger();
    Runnable task =
        () -> {
          assertEquals(1, inside.incrementAndGet());
          ran[0]++;
          inside.decrementAndGet();
        };
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      boolean waits = t == 0;
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 20_000; i++) {
                  if (waits) {
                    queue.run(task);
                    accepted.incrementAndGet();
                  } else if (queue.offer(task)) {
                    accepted.incrementAndGet();
                  }
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    int[] seen = new int[1];
    queue.run(() -> seen[0] = ran[0]);
    assertEquals(accepted.get(), seen[0]);
    assertEquals(List.of(), failures);
  }

  @Test
  void aTaskOfferedByATaskRunsAfterItOnTheSameThread() {
    List<String> order = new ArrayList<>();
    Thread thread = Thread.currentThread();
    queue.run(() -> {
      assertTrue(queue.isOwner());
      assertTrue(
          queue.offer(() -> {
            assertEquals(thread, Thread.currentThread());
            order.add("inner");
          }));
      order.add("outer");
    });
    assertEquals(List.of("outer", "inner"), order);
    assertFalse(queue.isOwner());
  }

  @Test
  void aTaskThatThrowsIsReportedAndTheNextIsRun() {
    AtomicInteger ran = new AtomicInteger();
    queue.run(() -> {
      throw new IllegalStateException("on purpose");
    });
    queue.run(ran::incrementAndGet);
    assertEquals(1, ran.get());
    assertEquals("on purpose", String.valueOf(failures.get(0).getMessage()));
  }

  @Test
  void takesNothingWhenItIsClosed() {
    queue.close();
    assertFalse(queue.offer(() -> {}));
  }
}
