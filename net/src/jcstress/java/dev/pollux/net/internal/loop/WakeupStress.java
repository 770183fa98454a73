package dev.pollux.net.internal.loop;

import dev.pollux.net.internal.Inbox;
import dev.pollux.net.internal.nio.RefusingKernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/// A loop that is about to wait sees what was added, or is woken; and no more often than need be.
public final class WakeupStress {
  private WakeupStress() {}

  /// An eventfd that counts the writes.
  private static final class Counting extends RefusingKernel {
    private final AtomicInteger writes = new AtomicInteger();

    @Override
    public int eventfd(int initialValue, int flags) {
      return 1;
    }

    @Override
    public int write(int fd, MemorySegment buffer, long offset, long length) {
      writes.incrementAndGet();
      return (int) length;
    }

    @Override
    public int close(int fd) {
      return 0;
    }
  }

  private static class Tried {
    final Counting kernel = new Counting();
    final Inbox inbox = new Inbox();
    final Wakeup wakeup;

    Tried() {
      try {
        wakeup = new Wakeup(kernel, Arena.ofAuto(), arena -> kernel);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /// As [LoopOwner#enter] of another thread.
    void enter() {
      inbox.add(new Inbox.Entry(() -> {}, null, false));
      wakeup.wake();
    }

    /// How often it was woken. Its memory is given back, which takes its time: there are fewer
    /// tries of these than of others.
    int woken() {
      wakeup.close();
      return kernel.writes.get();
    }
  }

  /// The loop says that it waits, then looks; the producer adds, then looks whether it waits.
  @JCStressTest
  @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "Seen.")
  @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "Woken.")
  @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Seen and woken: a wait that is short.")
  @Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "Left lying.")
  @State
  public static class AboutToWait extends Tried {
    @Actor
    public void loop(II_Result r) {
      wakeup.beforeWait();
      r.r1 = inbox.isEmpty() ? 0 : 1;
    }

    @Actor
    public void producer() {
      enter();
    }

    @Arbiter
    public void all(II_Result r) {
      r.r2 = woken();
    }
  }

  /// The same at the second wait: that the first one is over is said without a fence.
  @JCStressTest
  @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "Seen.")
  @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "Woken.")
  @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Seen and woken.")
  @Outcome(id = "0, 0", expect = Expect.FORBIDDEN, desc = "Left lying.")
  @State
  public static class AboutToWaitAgain extends Tried {
    public AboutToWaitAgain() {
      wakeup.beforeWait();
    }

    @Actor
    public void loop(II_Result r) {
      wakeup.afterWait();
      wakeup.beforeWait();
      r.r1 = inbox.isEmpty() ? 0 : 1;
    }

    @Actor
    public void producer() {
      enter();
    }

    @Arbiter
    public void all(II_Result r) {
      r.r2 = woken();
    }
  }

  /// One write for as many entries as come while it waits.
  @JCStressTest
  @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "Woken once.")
  @State
  public static class TwoProducers extends Tried {
    public TwoProducers() {
      wakeup.beforeWait();
    }

    @Actor
    public void first() {
      enter();
    }

    @Actor
    public void second() {
      enter();
    }

    @Arbiter
    public void all(I_Result r) {
      r.r1 = woken();
    }
  }
}
