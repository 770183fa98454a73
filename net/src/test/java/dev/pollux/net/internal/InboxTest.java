package dev.pollux.net.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InboxTest {
  private final Inbox inbox = new Inbox();
  private final List<Object> ran = new ArrayList<>();

  private static Inbox.Entry entry(Runnable work) {
    return new Inbox.Entry(work, null, false);
  }

  private boolean add(Object what) {
    return inbox.add(entry(() -> ran.add(what)));
  }

  /// Runs what was taken; how much that was.
  private static int runTaken(Inbox inbox) {
    int count = 0;
    for (Inbox.Entry entry = inbox.poll(); entry != null; entry = inbox.poll()) {
      entry.run();
      count++;
    }
    return count;
  }

  @Test
  void givesEntriesInTheOrderOfTheirArrival() {
    assertTrue(inbox.isEmpty());
    assertTrue(add(1));
    assertTrue(add(2));
    assertTrue(add(3));
    assertFalse(inbox.isEmpty());
    inbox.take();
    assertEquals(3, runTaken(inbox));
    assertEquals(List.of(1, 2, 3), ran);
    assertTrue(inbox.isEmpty());
  }

  @Test
  void givesNothingThatWasNotTaken() {
    add(1);
    assertNull(inbox.poll());
    assertFalse(inbox.hasNoNew());
    inbox.take();
    assertTrue(inbox.hasNoNew());
    assertFalse(inbox.isEmpty(), "it is taken, and not run");
  }

  @Test
  void whatComesWhileTheTakenIsRunIsLeftForTheNextTake() {
    inbox.add(
        entry(() -> {
          ran.add(1);
          add(3);
        }));
    add(2);
    inbox.take();
    assertEquals(2, runTaken(inbox));
    assertEquals(List.of(1, 2), ran);
    assertFalse(inbox.isEmpty());
    inbox.take();
    runTaken(inbox);
    assertEquals(List.of(1, 2, 3), ran);
  }

  @Test
  void aTakeBeforeTheLastOneIsRunTakesNothingAndLosesNothing() {
    add(1);
    add(2);
    inbox.take();
    add(3);
    inbox.take();
    assertFalse(inbox.hasNoNew());
    assertEquals(2, runTaken(inbox));
    inbox.take();
    assertEquals(1, runTaken(inbox));
    assertEquals(List.of(1, 2, 3), ran);
  }

  @Test
  void closeIfEmptyRefusesOnlyWhenAllThatWasAcceptedIsRun() {
    add(1);
    assertFalse(inbox.closeIfEmpty(), "there is a new one");
    inbox.take();
    assertFalse(inbox.closeIfEmpty(), "there is one that was taken");
    assertTrue(add(2), "still open");
    runTaken(inbox);
    inbox.take();
    runTaken(inbox);
    assertTrue(inbox.closeIfEmpty());
    assertFalse(add(3));
    assertTrue(inbox.closeIfEmpty(), "it stays so");
    assertTrue(inbox.isEmpty());
    assertEquals(List.of(1, 2), ran);
  }

  @Test
  void closingKeepsWhatIsLeftInItsOrder() {
    add(1);
    add(2);
    add(3);
    inbox.take();
    assertNotPolledOutOfOrder();
    add(4);
    add(5);
    inbox.close();
    assertFalse(add(6));
    assertFalse(inbox.isEmpty());
    assertEquals(4, runTaken(inbox));
    assertEquals(List.of(1, 2, 3, 4, 5), ran);
    assertTrue(inbox.isEmpty());
  }

  private void assertNotPolledOutOfOrder() {
    Inbox.Entry first = inbox.poll();
    if (first != null) {
      first.run();
    }
    assertEquals(List.of(1), ran);
  }

  @Test
  void closingKeepsWhatWasTakenWhenNothingNewHasCome() {
    add(1);
    add(2);
    inbox.take();
    inbox.close();
    assertEquals(2, runTaken(inbox));
    assertEquals(List.of(1, 2), ran);
  }

  @Test
  void closingAgainAndTakingAfterwardsChangesNothing() {
    add(1);
    inbox.close();
    inbox.close();
    inbox.take();
    assertFalse(add(2));
    assertEquals(1, runTaken(inbox));
    inbox.take();
    assertNull(inbox.poll());
    assertTrue(inbox.closeIfEmpty());
    assertEquals(List.of(1), ran);
  }

  @Test
  void losesNothingThatItAcceptedAndKeepsEachProducersOrderWhileItIsClosed() throws Exception {
    for (int round = 0; round < 50; round++) {
      losesNothing(round % 2 == 0);
    }
  }

  /// One producer.
  private static final class Producer extends Thread {
    private final Inbox inbox;
    private int accepted;

    /// Of the owner.
    private int last;

    /// Of the owner.
    private boolean outOfOrder;

    Producer(Inbox inbox) {
      this.inbox = inbox;
    }

    @Override
    public void run() {
      for (int i = 1; i <= 2_000; i++) {
        int number = i;
        if (inbox.add(entry(() -> ran(number)))) {
          accepted++;
        }
      }
    }

    private void ran(int number) {
      outOfOrder |= number != last + 1;
      last = number;
    }
  }

  private static void losesNothing(boolean onlyIfEmpty) throws Exception {
    Inbox inbox = new Inbox();
    List<Producer> producers =
        List.of(new Producer(inbox), new Producer(inbox), new Producer(inbox));
    producers.forEach(Thread::start);
    int seen = 0;
    while (seen < 1_000) {
      inbox.take();
      seen += runTaken(inbox);
    }
    if (onlyIfEmpty) {
      while (!inbox.closeIfEmpty()) {
        inbox.take();
        runTaken(inbox);
      }
    } else {
      inbox.take();
      inbox.close();
      runTaken(inbox);
    }
    for (Producer producer : producers) {
      producer.join();
    }
    assertTrue(inbox.isEmpty());
    assertEquals(0, runTaken(inbox));
    for (Producer producer : producers) {
      assertFalse(producer.outOfOrder, "one was lost, or changed places");
      assertEquals(producer.accepted, producer.last, "what was accepted was run");
    }
  }
}
