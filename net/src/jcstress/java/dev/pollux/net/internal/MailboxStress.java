package dev.pollux.net.internal;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/// A task that was accepted is delivered once, whatever else happens; one that was not never is.
public final class MailboxStress {
  private MailboxStress() {}

  /// Runs what is in a mailbox.
  private static void drain(Mailbox mailbox) {
    while (!mailbox.isEmpty()) {
      Runnable task = mailbox.poll();
      if (task != null) {
        task.run();
      }
    }
  }

  /// The owner closes while a task comes. (Two threads at most: a machine of two cores tries them
  /// too.)
  @JCStressTest
  @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Refused.")
  @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Accepted, and delivered.")
  @State
  public static class CloseMeanwhile {
    private final Mailbox mailbox = new Mailbox(4);
    private int delivered;

    @Actor
    public void producer(II_Result r) {
      r.r1 = mailbox.offer(() -> delivered += 1) ? 1 : 0;
    }

    @Actor
    public void owner() {
      Runnable early = mailbox.poll();
      if (early != null) {
        early.run();
      }
      mailbox.close();
    }

    @Arbiter
    public void rest(II_Result r) {
      drain(mailbox);
      r.r2 = delivered;
    }
  }

  /// Two producers, and one place that is left.
  @JCStressTest
  @Outcome(id = "1, 0, 101", expect = Expect.ACCEPTABLE, desc = "The first had it.")
  @Outcome(id = "0, 1, 110", expect = Expect.ACCEPTABLE, desc = "The second had it.")
  @State
  public static class TwoProducersForOnePlace {
    private final Mailbox mailbox = new Mailbox(2);
    private int delivered;

    public TwoProducersForOnePlace() {
      mailbox.offer(() -> delivered += 100);
    }

    @Actor
    public void first(III_Result r) {
      r.r1 = mailbox.offer(() -> delivered += 1) ? 1 : 0;
    }

    @Actor
    public void second(III_Result r) {
      r.r2 = mailbox.offer(() -> delivered += 10) ? 1 : 0;
    }

    @Arbiter
    public void rest(III_Result r) {
      drain(mailbox);
      r.r3 = delivered;
    }
  }

  /// A producer meets a full mailbox while the owner makes room: places are used again.
  @JCStressTest
  @Outcome(id = "0, 11", expect = Expect.ACCEPTABLE, desc = "Full: refused.")
  @Outcome(id = "1, 111", expect = Expect.ACCEPTABLE, desc = "There was room.")
  @State
  public static class PlacesUsedAgain {
    private final Mailbox mailbox = new Mailbox(2);
    private int delivered;

    public PlacesUsedAgain() {
      mailbox.offer(() -> delivered += 1);
      mailbox.offer(() -> delivered += 10);
    }

    @Actor
    public void producer(II_Result r) {
      r.r1 = mailbox.offer(() -> delivered += 100) ? 1 : 0;
    }

    @Actor
    public void owner() {
      Runnable task = mailbox.poll();
      if (task != null) {
        task.run();
      }
    }

    @Arbiter
    public void rest(II_Result r) {
      drain(mailbox);
      r.r2 = delivered;
    }
  }

  /// The order of two tasks of one producer, and what it wrote before, arrive as they were.
  @JCStressTest
  @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Nothing yet.")
  @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The first.")
  @Outcome(id = "1, 12", expect = Expect.ACCEPTABLE, desc = "Both, in order.")
  @State
  public static class OrderAndContent {
    private final Mailbox mailbox = new Mailbox(4);
    private int written;
    private int order;

    @Actor
    public void producer() {
      written = 1;
      mailbox.offer(() -> order = order * 10 + written);
      mailbox.offer(() -> order = order * 10 + 2);
    }

    @Actor
    public void owner(II_Result r) {
      Runnable first = mailbox.poll();
      if (first == null) {
        return;
      }
      first.run();
      r.r1 = order;
      Runnable second = mailbox.poll();
      if (second != null) {
        second.run();
        r.r2 = order;
      }
    }
  }
}
