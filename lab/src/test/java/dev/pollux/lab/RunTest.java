package dev.pollux.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.lab.report.Entry;
import dev.pollux.lab.report.Report;
import dev.pollux.lab.terminal.Style;
import dev.pollux.lab.terminal.Summary;
import dev.pollux.net.IoModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How the lab goes about experiments that end well, badly or early.
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunTest {

  private final EarlyStop stop = new EarlyStop();

  private Lab lab(Progress progress, Experiment... experiments) {
    return new Lab(
        new LabOptions(Effort.TINY, List.of(experiments), List.of(IoModel.EPOLL), "test"),
        progress,
        stop);
  }

  private static Experiment good(String name) {
    return Samples.experiment(name, (bench, notebook) -> notebook.figure("good", "", 1, ""));
  }

  @Test
  void theVerdictIsMadeFromTheFigures() {
    Experiment bad =
        Samples.experiment("bad", (bench, notebook) -> notebook.figure("good", "", 0, ""));
    Report report = lab(Progress.NONE, good("one"), bad).run();
    assertEquals(
        List.of(Verdict.Outcome.HOLDS, Verdict.Outcome.DOES_NOT_HOLD_HERE),
        report.experiments().stream().map(entry -> entry.verdict().outcome()).toList());
    assertFalse(report.interrupted());
    assertEquals(List.of("epoll"), report.models());
  }

  @Test
  void anExperimentThatFailsDoesNotHoldUpTheNext() {
    Experiment failing =
        Samples.experiment(
            "failing",
            (bench, notebook) -> {
              notebook.figure("good", "", 1, "");
              throw new IllegalStateException("no socket is left");
            });
    Report report = lab(Progress.NONE, failing, good("next")).run();
    Entry failed = report.experiments().get(0);
    assertEquals(Entry.State.FAILED, failed.state());
    assertEquals(Verdict.Outcome.NOT_MEASURED, failed.verdict().outcome());
    assertTrue(failed.verdict().sentence().contains("no socket is left"));
    assertEquals(1, failed.finding().figures().size(), "what was measured is there");
    assertEquals(Verdict.Outcome.HOLDS, report.experiments().get(1).verdict().outcome());
  }

  @Test
  void aModelThatFailsLeavesTheOthersTheirFigures() {
    Experiment experiment =
        Samples.experiment(
            "models",
            (bench, notebook) -> {
              notebook.figure("good", "", 1, "");
              notebook.bars("bars", "", Axis.linear("", ""));
              bench.eachModel(
                  notebook,
                  (model, index) -> {
                    notebook.bar("bars", model.word(), index);
                    notebook.figure("half-" + model.word(), "", index, "");
                    if (model == IoModel.POLL) {
                      throw new IOException("no answer in 60 s");
                    }
                    notebook.figure("whole-" + model.word(), "", index, "");
                  });
            });
    List<IoModel> models = List.of(IoModel.SELECT, IoModel.POLL, IoModel.EPOLL);
    Report report =
        new Lab(
                new LabOptions(Effort.TINY, List.of(experiment, good("next")), models, "test"),
                Progress.NONE,
                stop)
            .run();
    Entry entry = report.experiments().getFirst();
    assertEquals(Entry.State.FAILED, entry.state());
    Finding finding = entry.finding();
    assertEquals(List.of(new Failure("poll", "no answer in 60 s")), finding.failures());
    assertEquals(2, finding.figure("whole-epoll").getAsDouble());
    assertEquals(1, finding.figure("half-poll").getAsDouble(), "what was measured is shown");
    assertTrue(finding.ofWhatWasMeasured().figure("half-poll").isEmpty(), "and not judged");
    assertTrue(finding.ofWhatWasMeasured().bar("bars", "poll").isEmpty());
    assertEquals(2, finding.ofWhatWasMeasured().bar("bars", "epoll").getAsDouble());
    assertEquals(2, finding.ofWhatWasMeasured().figure("half-epoll").getAsDouble());
    assertEquals(
        Verdict.holds("good is there. Not measured: poll (no answer in 60 s)."), entry.verdict());
    assertEquals(Entry.State.COMPLETE, report.experiments().get(1).state());
    assertTrue(
        String.join(" ", Summary.lines(report, new Style(200, false, false)))
            .contains("Not measured: poll (no answer in 60 s)."));
  }

  @Test
  void anInterruptIsNoFailureOfAModel() {
    Experiment experiment =
        Samples.experiment(
            "models",
            (bench, notebook) ->
                bench.eachModel(
                    notebook,
                    (model, index) -> {
                      notebook.figure("good", "", 1, "");
                      throw new InterruptedException("told to stop");
                    }));
    Entry entry = lab(Progress.NONE, experiment).run().experiments().getFirst();
    assertEquals(Entry.State.INTERRUPTED, entry.state());
    assertEquals(List.of(), entry.finding().failures());
    assertEquals(Verdict.notMeasured("interrupted"), entry.verdict());
  }

  @Test
  void aStopLeavesAReportOfWhatWasMeasured() throws InterruptedException {
    CountDownLatch halfway = new CountDownLatch(1);
    Experiment endless =
        Samples.experiment(
            "endless",
            (bench, notebook) -> {
              notebook.figure("half", "", 5, "");
              halfway.countDown();
              while (true) {
                bench.progress("waiting to be stopped", 0.5);
                Thread.onSpinWait();
              }
            });
    Lab lab = lab(Progress.NONE, good("first"), endless, good("never"));
    List<Report> reports = new ArrayList<>();
    Thread runner = Thread.ofPlatform().start(() -> reports.add(lab.run()));
    halfway.await();
    stop.stop();
    runner.join();
    Report report = reports.getFirst();
    assertTrue(report.interrupted());
    assertEquals(2, report.experiments().size());
    assertEquals(Entry.State.COMPLETE, report.experiments().get(0).state());
    assertEquals(Entry.State.INTERRUPTED, report.experiments().get(1).state());
    assertEquals(5, report.experiments().get(1).finding().figure("half").getAsDouble());
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  void aStopBeforeTheBeginningMeasuresNothing() {
    Lab lab = lab(Progress.NONE, good("never"));
    stop.stop();
    Report report = lab.run();
    assertTrue(report.interrupted());
    assertEquals(List.of(), report.experiments());
  }

  @Test
  void progressIsTold() {
    List<String> told = new ArrayList<>();
    Progress progress =
        new Progress() {
          @Override
          public void began(Experiment experiment, int index, int count) {
            told.add(experiment.name() + " " + index + "/" + count);
          }

          @Override
          public void measuring(String what, double done) {
            told.add(what + " " + done);
          }

          @Override
          public void ended(Entry entry) {
            told.add(entry.name() + " " + entry.verdict().outcome());
          }
        };
    lab(progress, Samples.experiment("a", (bench, notebook) -> bench.progress("x", 7)), good("b"))
        .run();
    assertEquals(List.of("a 0/2", "x 1.0", "a NOT_MEASURED", "b 1/2", "b HOLDS"), told);
  }
}
