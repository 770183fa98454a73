package dev.pollux.net.internal.thread;

import dev.pollux.net.internal.Inbox;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/// What is added is run by who is there, or a courier is called for it, by one thread.
public final class TurnStress {
  private TurnStress() {}

  /// A turn; its entries count without atomicity, so that two at once would lose one.
  private static class Tried {
    final Turn turn = new Turn();
    int ran;

    int add() {
      turn.add(new Inbox.Entry(() -> ran++, null, false));
      return turn.callsCourier() ? 1 : 0;
    }

    int visitAsWorker() {
      turn.enter();
      return runAndLeave();
    }

    int visitAsCourier() {
      turn.enterAsCourier();
      return runAndLeave();
    }

    private int runAndLeave() {
      turn.runEntries(Inbox.Entry::run);
      return turn.leave() ? 1 : 0;
    }
  }

  /// The worker comes and goes while an entry is added: who calls a courier, and whether it ran.
  @JCStressTest
  @Outcome(id = "0, 0, 1", expect = Expect.ACCEPTABLE, desc = "The worker ran it.")
  @Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "The worker calls.")
  @Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "The producer calls.")
  @Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "Called before the worker ran it.")
  @State
  public static class AddWhileOneComesAndGoes extends Tried {
    @Actor
    public void worker(III_Result r) {
      r.r1 = visitAsWorker();
    }

    @Actor
    public void producer(III_Result r) {
      r.r2 = add();
    }

    @Arbiter
    public void all(III_Result r) {
      r.r3 = ran;
    }
  }

  /// A courier was called and is on its way: what is added meanwhile is its own, or another one is
  /// called.
  @JCStressTest
  @Outcome(id = "0, 0, 2", expect = Expect.ACCEPTABLE, desc = "It ran both.")
  @Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "It has to come again.")
  @Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "It had left: another is called.")
  @Outcome(id = "0, 1, 2", expect = Expect.ACCEPTABLE, desc = "Another is called in vain.")
  @State
  public static class AddWhileACourierComes extends Tried {
    public AddWhileACourierComes() {
      add();
    }

    @Actor
    public void courier(III_Result r) {
      r.r1 = visitAsCourier();
    }

    @Actor
    public void producer(III_Result r) {
      r.r2 = add();
    }

    @Arbiter
    public void all(III_Result r) {
      r.r3 = ran;
    }
  }

  /// A courier was called and is not there yet: whatever the worker and a producer do meanwhile, no
  /// other one is called, and it finds what they leave.
  @JCStressTest
  @Outcome(id = "0, 0, 2", expect = Expect.ACCEPTABLE, desc = "Both ran, and nobody called.")
  @State
  public static class WorkerComesBeforeTheCourier extends Tried {
    public WorkerComesBeforeTheCourier() {
      add();
    }

    @Actor
    public void worker(III_Result r) {
      r.r1 = visitAsWorker();
    }

    @Actor
    public void producer(III_Result r) {
      r.r2 = add();
    }

    @Arbiter
    public void courier(III_Result r) {
      visitAsCourier();
      r.r3 = ran;
    }
  }

  /// Nobody is there, and two add something: one of them calls.
  @JCStressTest
  @Outcome(
      id = {"1, 0", "0, 1"},
      expect = Expect.ACCEPTABLE,
      desc = "One courier for both.")
  @State
  public static class TwoProducers extends Tried {
    @Actor
    public void first(II_Result r) {
      r.r1 = add();
    }

    @Actor
    public void second(II_Result r) {
      r.r2 = add();
    }
  }

  /// The worker and a courier meet: nothing runs twice, and nothing at the same time.
  @JCStressTest
  @Outcome(id = "0, 2", expect = Expect.ACCEPTABLE, desc = "One after the other.")
  @State
  public static class WorkerAndCourier extends Tried {
    public WorkerAndCourier() {
      add();
    }

    @Actor
    public void worker() {
      turn.enter();
      ran++;
      turn.runEntries(Inbox.Entry::run);
      turn.leave();
    }

    @Actor
    public void courier(II_Result r) {
      r.r1 = visitAsCourier();
    }

    @Arbiter
    public void all(II_Result r) {
      r.r2 = ran;
    }
  }
}
