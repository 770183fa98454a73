package dev.pollux.lab;

import dev.pollux.lab.machine.Machine;
import dev.pollux.lab.report.Entry;
import dev.pollux.lab.report.Report;
import dev.pollux.net.IoModel;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// Runs experiments one after the other and makes the report.
///
/// It belongs to one thread; [EarlyStop#stop] is for any, and [#run] still returns the report then.
public final class Lab {
  private final LabOptions options;
  private final Progress progress;
  private final EarlyStop stop;

  /// A run that can be stopped.
  public Lab(LabOptions options, Progress progress, EarlyStop stop) {
    this.options = options;
    this.progress = progress;
    this.stop = stop;
  }

  /// Runs all experiments. An experiment that fails does not hold up the others, and a model that
  /// fails in one leaves the figures of the others.
  public Report run() {
    Instant start = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    long begin = System.nanoTime();
    Models models = Models.tried(options.models());
    List<Entry> entries = new ArrayList<>();
    int count = options.experiments().size();
    for (int i = 0; i < count && stop.enter(); i++) {
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
        stop.leave(),
        Machine.here(),
        models.working().stream().map(IoModel::word).toList(),
        models.problems(),
        entries);
  }

  private Entry run(Experiment experiment, List<IoModel> models) {
    Notebook notebook = new Notebook();
    long begin = System.nanoTime();
    Entry.State state;
    Verdict verdict;
    try (Bench bench = new Bench(options.effort(), models, progress)) {
      experiment.measure(bench, notebook);
      Finding finding = notebook.finding();
      state =
          finding.failures().isEmpty()
              ? Entry.State.COMPLETE
              // Ctrl-C reaches the processes that were measured as well.
              : stop.isStopped() ? Entry.State.INTERRUPTED : Entry.State.FAILED;
      verdict = experiment.judge(finding.ofWhatWasMeasured()).without(finding.failures());
    } catch (Exception e) {
      boolean interrupted = e instanceof InterruptedException || stop.isStopped();
      state = interrupted ? Entry.State.INTERRUPTED : Entry.State.FAILED;
      verdict = Verdict.notMeasured(interrupted ? "interrupted" : "it failed: " + said(e));
    }
    return Entry.of(experiment, secondsSince(begin), state, verdict, notebook.finding());
  }

  private static String said(Exception e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private static double secondsSince(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }
}
