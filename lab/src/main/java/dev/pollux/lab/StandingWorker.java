package dev.pollux.lab;

import dev.pollux.lab.worker.Job;
import dev.pollux.lab.worker.Worker;
import dev.pollux.lab.worker.WorkerOptions;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A process of a [Bench] that several parts of an experiment use, and that is replaced when it has
/// ended. Not thread-safe: it belongs to the experiment.
public final class StandingWorker implements AutoCloseable {
  private final Bench bench;
  private final Class<? extends Job> job;
  private final WorkerOptions options;
  private @Nullable Worker worker;

  StandingWorker(Bench bench, Class<? extends Job> job, WorkerOptions options) {
    this.bench = bench;
    this.job = job;
    this.options = options;
  }

  /// Whether there is one that has not ended: else [#get] starts it.
  public boolean isThere() {
    return worker != null && worker.isAlive();
  }

  /// The process.
  ///
  /// @throws IOException if it can't be started
  public Worker get() throws IOException {
    Worker now = worker;
    if (now == null || !now.isAlive()) {
      now = bench.start(job, options);
      worker = now;
    }
    return now;
  }

  /// Ends it; [#get] starts another one.
  @Override
  public void close() {
    if (worker != null) {
      worker.close();
      worker = null;
    }
  }
}
