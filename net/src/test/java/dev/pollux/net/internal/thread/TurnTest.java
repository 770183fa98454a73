package dev.pollux.net.internal.thread;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.internal.Inbox;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TurnTest {
  private final Turn turn = new Turn();
  private final List<Object> ran = new ArrayList<>();

  private static Inbox.Entry entry(Runnable work) {
    return new Inbox.Entry(work, null, false);
  }

  private void add(Object what) {
    turn.add(entry(() -> ran.add(what)));
  }

  @Test
  void entriesAreRunInOrderBeforeTheTurnIsGivenBack() {
    turn.enter();
    assertTrue(turn.isMine());
    add(1);
    add(2);
    add(3);
    turn.runEntries(Inbox.Entry::run);
    assertEquals(List.of(1, 2, 3), ran);
    assertTrue(turn.isMine());
    assertFalse(turn.leave(), "nothing waits");
    assertFalse(turn.isMine());
  }

  @Test
  void whatComesWhileSomebodyIsThereCallsNoCourier() {
    turn.enter();
    add(1);
    assertFalse(turn.callsCourier());
    turn.runEntries(Inbox.Entry::run);
    assertFalse(turn.leave());
    assertEquals(List.of(1), ran);
  }

  @Test
  void whoLeavesCallsACourierForWhatIsNotRun() {
    turn.enter();
    turn.runEntries(Inbox.Entry::run);
    add(1);
    assertFalse(turn.callsCourier());
    assertTrue(turn.leave());
    assertFalse(turn.callsCourier(), "it has been called");
    assertEquals(List.of(), ran);
  }

  @Test
  void oneCourierIsCalledForAllThatComesWhileNobodyIsThere() {
    assertFalse(turn.callsCourier(), "nothing waits");
    add(1);
    assertTrue(turn.callsCourier());
    add(2);
    assertFalse(turn.callsCourier());
    turn.enterAsCourier();
    turn.runEntries(Inbox.Entry::run);
    assertFalse(turn.leave());
    assertEquals(List.of(1, 2), ran);
    assertFalse(turn.callsCourier(), "nothing waits any more");
    add(3);
    assertTrue(turn.callsCourier(), "nobody is there again");
  }

  @Test
  void aCourierThatIsOnItsWayIsNotCalledAgainWhoeverComesBeforeIt() {
    add(1);
    assertTrue(turn.callsCourier());
    for (int i = 2; i <= 4; i++) {
      turn.enter();
      turn.runEntries(Inbox.Entry::run);
      add(i);
      assertFalse(turn.leave(), "it will see to that");
      assertFalse(turn.callsCourier());
    }
    assertEquals(List.of(1, 2, 3), ran);
    turn.enterAsCourier();
    turn.runEntries(Inbox.Entry::run);
    assertFalse(turn.leave());
    assertEquals(List.of(1, 2, 3, 4), ran);
    add(5);
    assertTrue(turn.callsCourier(), "it has come and gone");
  }

  @Test
  void anEntryThatAddsItselfDoesNotKeepTheTurn() {
    AtomicInteger rounds = new AtomicInteger();
    Inbox.Entry[] again = new Inbox.Entry[1];
    Runnable work =
        () -> {
          rounds.incrementAndGet();
          turn.add(entry(() -> turn.add(again[0])));
        };
    again[0] = entry(work);
    turn.add(again[0]);
    for (int i = 1; i <= 10; i++) {
      turn.enterAsCourier();
      turn.runEntries(Inbox.Entry::run);
      assertTrue(turn.leave(), "what it added waits");
    }
    assertEquals(5, rounds.get());
  }

  @Test
  void onlyOneHasTheTurnAndTheOtherWaitsForIt() throws Exception {
    turn.enter();
    CountDownLatch began = new CountDownLatch(1);
    AtomicBoolean left = new AtomicBoolean();
    AtomicBoolean sawItLeft = new AtomicBoolean();
    Thread other =
        Thread.ofPlatform()
            .start(() -> {
              began.countDown();
              turn.enter();
              sawItLeft.set(left.get());
              turn.leave();
            });
    began.await();
    while (other.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    left.set(true);
    turn.leave();
    other.join();
    assertTrue(sawItLeft.get());
  }

  /// Whoever enters a turn again and again, as a courier does for an entry that adds itself, lets
  /// the other one in.
  @Test
  void aCourierThatAlwaysHasWorkLetsTheWorkerIn() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger rounds = new AtomicInteger();
    Runnable again =
        new Runnable() {
          @Override
          public void run() {
            rounds.incrementAndGet();
            if (!over.get()) {
              turn.add(entry(this));
            }
          }
        };
    turn.add(entry(again));
    assertTrue(turn.callsCourier());
    Thread courier = Thread.ofPlatform().start(this::visit);
    for (int i = 0; i < 100; i++) {
      turn.enter();
      turn.leave();
    }
    over.set(true);
    courier.join();
    assertTrue(rounds.get() > 0);
  }

  /// As a courier does.
  private void visit() {
    do {
      turn.enterAsCourier();
      turn.runEntries(Inbox.Entry::run);
    } while (turn.leave());
  }

  /// A worker that comes and goes, producers, and a courier for each call: the entries are counted
  /// without atomicity, so two at once would lose some.
  @Test
  void nothingIsLeftLyingAndNothingRunsTwiceAtOnce() throws Exception {
    int producers = 2;
    int each = 20_000;
    int[] count = new int[1];
    int[] last = new int[producers];
    AtomicBoolean outOfOrder = new AtomicBoolean();
    CyclicBarrier start = new CyclicBarrier(producers + 1);
    try (ExecutorService couriers = Executors.newCachedThreadPool();
        ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<?>> all = new ArrayList<>();
      for (int p = 0; p < producers; p++) {
        int producer = p;
        all.add(
            threads.submit(() -> {
              start.await();
              for (int i = 1; i <= each; i++) {
                int number = i;
                turn.add(
                    entry(() -> {
                      count[0]++;
                      if (last[producer] + 1 != number) {
                        outOfOrder.set(true);
                      }
                      last[producer] = number;
                    }));
                if (turn.callsCourier()) {
                  couriers.execute(this::visit);
                }
              }
              return null;
            }));
      }
      start.await();
      for (int i = 0; i < each; i++) {
        turn.enter();
        turn.runEntries(Inbox.Entry::run);
        if (turn.leave()) {
          couriers.execute(this::visit);
        }
      }
      for (Future<?> future : all) {
        future.get();
      }
    }
    assertEquals(producers * each, count[0], "with no look more than those that were called for");
    assertFalse(outOfOrder.get());
  }
}
