package dev.pollux.net.internal;

import dev.pollux.net.internal.thread.Turn;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Control;

/// An owner's inbox: an entry from another thread costs it, and a look into an empty one is taken
/// at every turn.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class InboxBenchmark {
  private static final Runnable WORK = () -> {};

  /// Entries of a producer that may wait: who adds faster than the owner runs would fill the
  /// memory.
  private static final int MOST_WAITING = 1024;

  /// One thread's.
  @State(Scope.Thread)
  public static class Own {
    private final Inbox inbox = new Inbox();
  }

  /// One that two threads fill and another empties.
  @State(Scope.Group)
  public static class Shared {
    private final Inbox inbox = new Inbox();

    @TearDown(Level.Iteration)
    public void empty() {
      takeAndRun(inbox);
    }
  }

  /// One of the two, and how far its entries have come.
  @State(Scope.Thread)
  public static class Producer {
    private long added;

    /// The owner's.
    private volatile long ran;

    private final Runnable work = () -> ran = ran + 1;
  }

  @Benchmark
  public int addTakeAndRun(Own own) {
    own.inbox.add(new Inbox.Entry(WORK, null, false));
    return takeAndRun(own.inbox);
  }

  /// What a loop pays at each turn in which nobody wanted anything of it.
  @Benchmark
  public int takeWhenEmpty(Own own) {
    return takeAndRun(own.inbox);
  }

  /// A turn of a connection with a thread of its own, in which nobody else wanted anything.
  @Benchmark
  public boolean emptyTurn(OwnTurn own) {
    own.turn.enter();
    own.turn.runEntries(Inbox.Entry::run);
    return own.turn.leave();
  }

  /// One thread's.
  @State(Scope.Thread)
  public static class OwnTurn {
    private final Turn turn = new Turn();
  }

  @Benchmark
  @Group("twoProducers")
  @GroupThreads(2)
  public void add(Shared shared, Producer producer, Control control) {
    // It yields because the owner may be in need of this very processor.
    while (producer.added - producer.ran > MOST_WAITING && !control.stopMeasurement) {
      Thread.yield();
    }
    shared.inbox.add(new Inbox.Entry(producer.work, null, false));
    producer.added++;
  }

  @Benchmark
  @Group("twoProducers")
  @GroupThreads(1)
  public int takeAndRun(Shared shared, Control control) {
    int count = takeAndRun(shared.inbox);
    while (count == 0 && !control.stopMeasurement) {
      Thread.yield();
      count = takeAndRun(shared.inbox);
    }
    return count;
  }

  private static int takeAndRun(Inbox inbox) {
    int count = 0;
    inbox.take();
    for (Inbox.Entry entry = inbox.poll(); entry != null; entry = inbox.poll()) {
      entry.run();
      count++;
    }
    return count;
  }
}
