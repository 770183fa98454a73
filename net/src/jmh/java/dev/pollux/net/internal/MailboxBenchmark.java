package dev.pollux.net.internal;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Control;

/// A loop's mailbox: a task from another thread costs it, and a look into an empty one is taken at
/// every turn.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MailboxBenchmark {
  private static final Runnable TASK = () -> {};

  /// One thread's.
  @State(Scope.Thread)
  public static class Own {
    private final Mailbox mailbox = new Mailbox(1024);
  }

  /// One that a thread fills and another empties.
  @State(Scope.Group)
  public static class Shared {
    private final Mailbox mailbox = new Mailbox(1024);

    @TearDown
    public void empty() {
      while (mailbox.poll() != null) {}
    }
  }

  @Benchmark
  public Runnable offerAndPoll(Own own) {
    own.mailbox.offer(TASK);
    return own.mailbox.poll();
  }

  @Benchmark
  public Runnable pollWhenEmpty(Own own) {
    return own.mailbox.poll();
  }

  @Benchmark
  @Group("betweenThreads")
  @GroupThreads(1)
  public void offer(Shared shared, Control control) {
    // It yields because the other may be in need of this very processor.
    while (!shared.mailbox.offer(TASK) && !control.stopMeasurement) {
      Thread.yield();
    }
  }

  @Benchmark
  @Group("betweenThreads")
  @GroupThreads(1)
  public Runnable poll(Shared shared, Control control) {
    Runnable task = shared.mailbox.poll();
    while (task == null && !control.stopMeasurement) {
      Thread.yield();
      task = shared.mailbox.poll();
    }
    return task;
  }
}
