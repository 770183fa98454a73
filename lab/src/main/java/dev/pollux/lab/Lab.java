package dev.pollux.lab;

import dev.pollux.lab.machine.Machine;
import dev.pollux.lab.report.Entry;
import dev.pollux.lab.report.Report;
import dev.pollux.net.IoModel;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Runs experiments one after the other and makes the report.
///
/// [#run] belongs to one thread; [#stop] is for any.
public final class Lab {
  private final LabOptions options;
  private final Progress progress;
  private @Nullable Thread runner;
  private boolean stopped;

  public Lab(LabOptions options, Progress progress) {
    this.options = options;
    this.progress = progress;
  }

  /// Runs all experiments. An experiment that fails does not hold up the others.
  public Report run() {
    Instant start = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    long begin = System.nanoTime();
    Models models = Models.tried(options.models());
    List<Entry> entries = new ArrayList<>();
    int count = options.experiments().size();
    for (int i = 0; i < count && enter(); i++) {
      Experiment experiment = options.experiments().get(i);
      progress.began(experiment, i, count);
      Entry entry = run(experiment, models.working());
      entries.add(entry);
      progress.ended(entry);
    }
    return new Report(
        Report.SCHEMA,
        options.pollux(),
        start.toString(),
        secondsSince(begin),
        options.effort(),
        leave(),
        Machine.here(),
        models.working().stream().map(IoModel::word).toList(),
        models.problems(),
        entries);
  }

  /// Tells [#run] to come to an end at once, with what was measured. It still returns the report.
  public synchronized void stop() {
    stopped = true;
    if (runner != null) {
      runner.interrupt();
    }
  }

  private Entry run(Experiment experiment, List<IoModel> models) {
    Notebook notebook = new Notebook();
    long begin = System.nanoTime();
    Entry.State state;
    Verdict verdict;
    try (Bench bench = new Bench(options.effort(), models, progress)) {
      experiment.measure(bench, notebook);
      state = Entry.State.COMPLETE;
      verdict = experiment.judge(notebook.finding());
    } catch (Exception e) {
      // Ctrl-C reaches the workers as well: that they end is no failure then.
      boolean interrupted = e instanceof InterruptedException || isStopped();
      state = interrupted ? Entry.State.INTERRUPTED : Entry.State.FAILED;
      verdict = Verdict.notMeasured(interrupted ? "interrupted" : "it failed: " + said(e));
    }
    return Entry.of(experiment, secondsSince(begin), state, verdict, notebook.finding());
  }

  private synchronized boolean enter() {
    runner = Thread.currentThread();
    return !stopped;
  }

  private synchronized boolean isStopped() {
    return stopped;
  }

  /// No more interrupts from here on; the last one is forgotten.
  private synchronized boolean leave() {
    runner = null;
    Thread.interrupted();
    return stopped;
  }

  private static String said(Exception e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private static double secondsSince(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }
}
