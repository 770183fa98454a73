package dev.pollux.net.internal.thread;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CouriersTest {
  private final List<Thread> made = new CopyOnWriteArrayList<>();

  private Couriers couriers(Thread.Builder kind) {
    ThreadFactory factory = kind.factory();
    return new Couriers(errand -> {
      Thread thread = factory.newThread(errand);
      made.add(thread);
      return thread;
    });
  }

  private Couriers couriers() {
    return couriers(Thread.ofPlatform());
  }

  @Test
  void anErrandThatBlocksDelaysNoOther() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch others = new CountDownLatch(20);
    try (Couriers couriers = couriers()) {
      for (int i = 0; i < 20; i++) {
        assertTrue(
            couriers.send(() -> {
              others.countDown();
              awaitUninterruptibly(blocked);
            }));
      }
      others.await();
      blocked.countDown();
    }
    assertEquals(20, made.size());
  }

  @Test
  void closingWaitsForTheErrandsUnderWayAndLeavesNoThread() throws Exception {
    for (Thread.Builder kind : List.of(Thread.ofPlatform(), Thread.ofVirtual())) {
      made.clear();
      CountDownLatch mayEnd = new CountDownLatch(1);
      AtomicInteger ended = new AtomicInteger();
      Couriers couriers = couriers(kind);
      for (int i = 0; i < 3; i++) {
        couriers.send(() -> {
          awaitUninterruptibly(mayEnd);
          ended.incrementAndGet();
        });
      }
      AtomicBoolean closed = new AtomicBoolean();
      AtomicInteger endedWhenClosed = new AtomicInteger(-1);
      Thread closer =
          Thread.ofPlatform()
              .start(() -> {
                couriers.close();
                endedWhenClosed.set(ended.get());
                closed.set(true);
              });
      // From here on it is closing: what comes now is refused.
      while (couriers.send(() -> {})) {
        Thread.onSpinWait();
      }
      untilItWaitsOrHasEnded(closer);
      assertFalse(closed.get(), "three errands are under way");
      mayEnd.countDown();
      closer.join();
      assertEquals(3, endedWhenClosed.get());
      for (Thread thread : made) {
        thread.join();
      }
    }
  }

  @Test
  void takesNoErrandWhenItIsClosed() {
    Couriers couriers = couriers();
    couriers.close();
    assertFalse(couriers.send(() -> {}));
    assertEquals(List.of(), made);
    couriers.close();
  }

  @Test
  void whoClosesItStaysInterruptedAndWaitsAllTheSame() throws Exception {
    CountDownLatch mayEnd = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    Couriers couriers = couriers();
    couriers.send(() -> {
      awaitUninterruptibly(mayEnd);
      ended.set(true);
    });
    AtomicBoolean endedWhenClosed = new AtomicBoolean();
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread closer =
        Thread.ofPlatform()
            .start(() -> {
              Thread.currentThread().interrupt();
              couriers.close();
              endedWhenClosed.set(ended.get());
              interrupted.set(Thread.currentThread().isInterrupted());
            });
    // Once it waits, it has been interrupted and waits again.
    untilItWaitsOrHasEnded(closer);
    mayEnd.countDown();
    closer.join();
    assertTrue(endedWhenClosed.get());
    assertTrue(interrupted.get());
  }

  @Test
  void anErrandThatThrowsTakesNoOtherWithIt() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    try (Couriers couriers = new Couriers(CouriersTest::silentThread)) {
      couriers.send(() -> {
        throw new IllegalStateException("on purpose");
      });
      assertTrue(couriers.send(done::countDown));
      done.await();
    }
  }

  private static Thread silentThread(Runnable errand) {
    return Thread.ofPlatform().uncaughtExceptionHandler((thread, t) -> {}).unstarted(errand);
  }

  @Test
  void theCallerIsToldThatNoThreadIsToBeHad() {
    Couriers couriers =
        new Couriers(errand -> {
          throw new OutOfMemoryError("on purpose");
        });
    assertThrows(OutOfMemoryError.class, () -> couriers.send(() -> {}));
    couriers.close();
  }

  private static void untilItWaitsOrHasEnded(Thread closer) {
    while (closer.isAlive() && closer.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    boolean over = false;
    while (!over) {
      try {
        latch.await();
        over = true;
      } catch (InterruptedException e) {
        // Nobody interrupts an errand here.
        throw new AssertionError(e);
      }
    }
  }
}
