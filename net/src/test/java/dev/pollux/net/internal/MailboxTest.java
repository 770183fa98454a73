package dev.pollux.net.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MailboxTest {
  @Test
  void givesTasksInTheOrderOfTheirArrival() {
    Mailbox mailbox = new Mailbox(4);
    Runnable first = () -> {};
    Runnable second = () -> {};
    assertTrue(mailbox.isEmpty());
    assertTrue(mailbox.offer(first));
    assertTrue(mailbox.offer(second));
    assertFalse(mailbox.isEmpty());
    assertSame(first, mailbox.poll());
    assertSame(second, mailbox.poll());
    assertNull(mailbox.poll());
    assertTrue(mailbox.isEmpty());
  }

  @Test
  void refusesWhatIsBeyondItsCapacityAndTakesAgainWhenThereIsRoom() {
    Mailbox mailbox = new Mailbox(3);
    for (int i = 0; i < 4; i++) {
      assertTrue(mailbox.offer(MailboxTest::nothing), "rounded up to 4");
    }
    assertFalse(mailbox.offer(MailboxTest::nothing));
    mailbox.poll();
    assertTrue(mailbox.offer(MailboxTest::nothing));
    assertFalse(mailbox.offer(MailboxTest::nothing));
  }

  @Test
  void isEmptyAgainAfterItWasClosedAndDrained() {
    Mailbox mailbox = new Mailbox(4);
    Runnable task = () -> {};
    mailbox.offer(task);
    mailbox.close();
    assertFalse(mailbox.offer(MailboxTest::nothing));
    assertFalse(mailbox.isEmpty());
    assertSame(task, mailbox.poll());
    assertTrue(mailbox.isEmpty());
  }

  @Test
  void losesNothingThatItAcceptedAndKeepsEachProducersOrderWhileItIsClosed() throws Exception {
    for (int round = 0; round < 50; round++) {
      Mailbox mailbox = new Mailbox(64);
      int producers = 3;
      AtomicInteger accepted = new AtomicInteger();
      int[] last = new int[producers];
      int[] seen = new int[1];
      List<Thread> threads = new ArrayList<>();
      for (int p = 0; p < producers; p++) {
        int producer = p;
        threads.add(
            Thread.ofPlatform()
                .start(() -> {
                  for (int i = 1; i <= 2_000; i++) {
                    int number = i;
                    if (mailbox.offer(
                        () -> {
                          assertTrue(last[producer] < number, "out of order");
                          last[producer] = number;
                          seen[0]++;
                        })) {
                      accepted.incrementAndGet();
                    }
                  }
                }));
      }
      while (seen[0] < 1_000 && threads.stream().anyMatch(Thread::isAlive)) {
        runOne(mailbox);
      }
      mailbox.close();
      while (!mailbox.isEmpty()) {
        runOne(mailbox);
      }
      int seenAtTheEnd = seen[0];
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(accepted.get(), seenAtTheEnd);
    }
  }

  private static void runOne(Mailbox mailbox) {
    Runnable task = mailbox.poll();
    if (task != null) {
      task.run();
    }
  }

  private static void nothing() {}
}
