package dev.pollux.net.internal;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/// An entry that was accepted is run once and in its order, whatever else happens; one that was not
/// never is. (Two threads at most: a machine of two cores tries them too.)
public final class InboxStress {
  private InboxStress() {}

  /// An inbox, and what its entries do: each writes a digit behind those of the entries before it.
  private static class Tried {
    final Inbox inbox = new Inbox();

    /// The owner's.
    int ran;

    int add(int digit) {
      return inbox.add(new Inbox.Entry(() -> ran = ran * 10 + digit, null, false)) ? 1 : 0;
    }

    void runTaken() {
      for (Inbox.Entry entry = inbox.poll(); entry != null; entry = inbox.poll()) {
        entry.run();
      }
    }

    void takeAndRun() {
      inbox.take();
      runTaken();
    }
  }

  /// The owner closes while an entry comes, and one is left that it had taken.
  @JCStressTest
  @Outcome(id = "0, 12", expect = Expect.ACCEPTABLE, desc = "Refused.")
  @Outcome(id = "1, 123", expect = Expect.ACCEPTABLE, desc = "Accepted, and run last.")
  @State
  public static class CloseMeanwhile extends Tried {
    public CloseMeanwhile() {
      add(1);
      inbox.take();
      add(2);
    }

    @Actor
    public void producer(II_Result r) {
      r.r1 = add(3);
    }

    @Actor
    public void owner() {
      inbox.close();
    }

    @Arbiter
    public void rest(II_Result r) {
      runTaken();
      r.r2 = ran;
    }
  }

  /// Who is refused knows that all that was accepted has been run.
  @JCStressTest
  @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Refused.")
  @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Accepted, and run before it closed.")
  @State
  public static class CloseIfEmptyMeanwhile extends Tried {
    @Actor
    public void producer(II_Result r) {
      r.r1 = add(1);
    }

    @Actor
    public void owner(II_Result r) {
      while (!inbox.closeIfEmpty()) {
        takeAndRun();
      }
      r.r2 = ran;
    }
  }

  /// The order of two entries of one producer, and what it wrote before, arrive as they were.
  @JCStressTest
  @Outcome(id = "0, 0, 12", expect = Expect.ACCEPTABLE, desc = "Nothing yet.")
  @Outcome(id = "1, 1, 12", expect = Expect.ACCEPTABLE, desc = "The first.")
  @Outcome(id = "0, 1, 12", expect = Expect.ACCEPTABLE, desc = "The first, at the second look.")
  @Outcome(id = "0, 12, 12", expect = Expect.ACCEPTABLE, desc = "Both, at the second look.")
  @Outcome(id = "1, 12, 12", expect = Expect.ACCEPTABLE, desc = "One after the other.")
  @Outcome(id = "12, 12, 12", expect = Expect.ACCEPTABLE, desc = "Both at once, in order.")
  @State
  public static class TakeMeanwhile extends Tried {
    private int written;

    @Actor
    public void producer() {
      written = 1;
      inbox.add(new Inbox.Entry(() -> ran = ran * 10 + written, null, false));
      add(2);
    }

    @Actor
    public void owner(III_Result r) {
      takeAndRun();
      r.r1 = ran;
      takeAndRun();
      r.r2 = ran;
    }

    @Arbiter
    public void rest(III_Result r) {
      takeAndRun();
      r.r3 = ran;
    }
  }

  /// Each producer's entries keep their order among those of the other one.
  @JCStressTest
  @Outcome(
      id = {"1234", "1324", "1342", "3124", "3142", "3412"},
      expect = Expect.ACCEPTABLE,
      desc = "1 before 2, and 3 before 4.")
  @State
  public static class TwoProducers extends Tried {
    @Actor
    public void first() {
      add(1);
      add(2);
    }

    @Actor
    public void second() {
      add(3);
      add(4);
    }

    @Arbiter
    public void owner(I_Result r) {
      takeAndRun();
      r.r1 = ran;
    }
  }
}
