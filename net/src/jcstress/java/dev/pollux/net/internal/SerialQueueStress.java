package dev.pollux.net.internal;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/// The tasks of a connection run one at a time, and none is left lying when all have gone.
public final class SerialQueueStress {
  private SerialQueueStress() {}

  private static SerialQueue queue() {
    return new SerialQueue(
        8,
        cause -> {
          throw new AssertionError(cause);
        });
  }

  /// Plain increments: two at once, or one that does not see the other's, would lose one.
  @JCStressTest
  @Outcome(id = "3", expect = Expect.ACCEPTABLE, desc = "All ran, one after the other.")
  @State
  public static class RunAndOffer {
    private final SerialQueue queue = queue();
    private int count;

    @Actor
    public void worker() {
      queue.run(() -> count++);
    }

    @Actor
    public void other() {
      queue.offer(() -> count++);
      queue.offer(() -> count++);
    }

    @Arbiter
    public void all(I_Result r) {
      r.r1 = count;
    }
  }

  /// What is accepted runs, though the queue is closed meanwhile.
  @JCStressTest
  @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Refused.")
  @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Accepted, and run.")
  @State
  public static class CloseMeanwhile {
    private final SerialQueue queue = queue();
    private int ran;

    @Actor
    public void other(II_Result r) {
      r.r1 = queue.offer(() -> ran++) ? 1 : 0;
    }

    @Actor
    public void worker() {
      queue.close();
    }

    @Arbiter
    public void all(II_Result r) {
      r.r2 = ran;
    }
  }
}
