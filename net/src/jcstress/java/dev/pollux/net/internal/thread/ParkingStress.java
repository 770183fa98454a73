package dev.pollux.net.internal.thread;

import dev.pollux.net.internal.readiness.Interest;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;

/// A thread that found nothing and parks is unparked by the readiness that came meanwhile.
public final class ParkingStress {
  private ParkingStress() {}

  /// One edge, at any time.
  @JCStressTest(Mode.Termination)
  @Outcome(id = "TERMINATED", expect = Expect.ACCEPTABLE, desc = "Woken.")
  @Outcome(id = "STALE", expect = Expect.FORBIDDEN, desc = "The edge was lost.")
  @State
  public static class OneEdge {
    private final Parking parking = new Parking(1);

    /// What the kernel has for the descriptor.
    private volatile int available;

    @Actor
    public void worker() {
      while (available == 0) {
        parking.awaitReadable();
      }
    }

    @Signal
    public void unparker() {
      available = 1;
      parking.onReady(Interest.READ);
    }
  }

  /// A reader and a writer of the same connection, one edge for both.
  @JCStressTest(Mode.Termination)
  @Outcome(id = "TERMINATED", expect = Expect.ACCEPTABLE, desc = "Woken.")
  @Outcome(id = "STALE", expect = Expect.FORBIDDEN, desc = "The edge was lost.")
  @State
  public static class WriterOfBoth {
    private final Parking parking = new Parking(1);
    private volatile int room;

    @Actor
    public void writer() {
      while (room == 0) {
        parking.awaitWritable();
      }
    }

    @Signal
    public void unparker() {
      // An edge for the other direction must not be taken for this one.
      parking.onReady(Interest.READ);
      room = 1;
      parking.onReady(Interest.READ | Interest.WRITE);
    }
  }
}
