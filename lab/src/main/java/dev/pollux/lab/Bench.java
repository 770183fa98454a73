package dev.pollux.lab;

import dev.pollux.lab.worker.Job;
import dev.pollux.lab.worker.Worker;
import dev.pollux.lab.worker.WorkerOptions;
import dev.pollux.net.IoModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The place where an experiment works: how much time it has, which models there are, the processes
/// that it starts. Whatever it has started is ended when it is cleared.
public final class Bench implements AutoCloseable {
  private static final String HEAP = "-Xmx128m";

  // As much as the heap if it is not said; a thread for each client has 64 KiB for each of them.
  private static final String OUTSIDE = "-XX:MaxDirectMemorySize=1g";
  private static final String FIRST_COMPILER = "-XX:TieredStopAtLevel=1";

  private final Effort effort;
  private final List<IoModel> models;
  private final Progress progress;
  private final List<Worker> workers = new ArrayList<>();

  /// A place for one experiment.
  ///
  /// @param models those that were asked for and work here
  public Bench(Effort effort, List<IoModel> models, Progress progress) {
    this.effort = effort;
    this.models = List.copyOf(models);
    this.progress = progress;
  }

  /// How much time there is.
  public Effort effort() {
    return effort;
  }

  /// What is done for one model.
  @FunctionalInterface
  public interface ModelStep {
    /// Measures it.
    ///
    /// @param index the model's place among [#models]
    void measure(IoModel model, int index) throws IOException, InterruptedException;
  }

  /// A part of an experiment that may fail by itself.
  @FunctionalInterface
  public interface Step {
    /// Measures it.
    void measure() throws IOException, InterruptedException;
  }

  /// Measures each of the models; one that fails leaves the others their figures, as [#attempt] has
  /// it.
  public void eachModel(Notebook notebook, ModelStep step) throws InterruptedException {
    for (int i = 0; i < models.size(); i++) {
      int index = i;
      attempt(notebook, models.get(i).word(), () -> step.measure(models.get(index), index));
    }
  }

  /// Measures a part. If it fails, the notebook says what failed and why, and all processes are
  /// ended: what they are at is not known then, and the next part starts its own.
  ///
  /// @param what a model's word, or a name like one
  public void attempt(Notebook notebook, String what, Step step) throws InterruptedException {
    try {
      step.measure();
    } catch (IOException | RuntimeException e) {
      notebook.failed(what, e.getMessage() == null ? e.toString() : e.getMessage());
      close();
    }
  }

  /// A process that does one job for one model after the other; it is started when it is asked for,
  /// and anew after a part has failed.
  public StandingWorker standing(Class<? extends Job> job, WorkerOptions options) {
    return new StandingWorker(this, job, options);
  }

  /// The value for the effort of this run.
  public <T> T pick(T tiny, T quick, T full) {
    return switch (effort) {
      case TINY -> tiny;
      case QUICK -> quick;
      case FULL -> full;
    };
  }

  /// The models that were asked for and work here, in the order of [IoModel].
  public List<IoModel> models() {
    return models;
  }

  /// Says what is measured now.
  ///
  /// @param what a few words: `poll, 4,000 watched`
  /// @param done how much of the experiment is done, from 0 to 1
  /// @throws InterruptedException if the lab was told to stop
  public void progress(String what, double done) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("the lab was told to stop");
    }
    progress.measuring(what, Math.clamp(done, 0, 1));
  }

  /// Starts a process that does one job, with the class path and the JVM of this one. Where there
  /// is no time to warm it up it has the first compiler only, unless its options say otherwise: it
  /// starts in half the time, and what is measured is not compiled anew in the middle.
  ///
  /// @throws IOException if it can't be started
  public Worker start(Class<? extends Job> job, WorkerOptions options) throws IOException {
    WorkerOptions small = options.withJvmArgumentBefore(HEAP).withJvmArgumentBefore(OUTSIDE);
    Worker worker =
        Worker.start(
            job, effort == Effort.FULL ? small : small.withJvmArgumentBefore(FIRST_COMPILER));
    synchronized (workers) {
      workers.add(worker);
    }
    return worker;
  }

  /// Starts a process that does one job, with the defaults of [WorkerOptions].
  ///
  /// @throws IOException if it can't be started
  public Worker start(Class<? extends Job> job) throws IOException {
    return start(job, WorkerOptions.DEFAULT);
  }

  /// Ends every process that was started here.
  @Override
  public void close() {
    synchronized (workers) {
      workers.forEach(Worker::close);
      workers.clear();
    }
  }
}
