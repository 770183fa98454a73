package dev.pollux.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.pollux.lab.experiment.Experiments;
import dev.pollux.lab.report.Entry;
import dev.pollux.lab.report.Report;
import dev.pollux.net.IoModel;
import dev.pollux.sys.LinuxRing;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every experiment, with a tiny plan, on the real kernel.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LabTest {

  static Stream<Experiment> experiments() {
    return Experiments.all().stream();
  }

  @ParameterizedTest
  @MethodSource("experiments")
  void anExperimentMeasuresAndIsJudged(Experiment experiment) {
    LabOptions options =
        new LabOptions(Effort.TINY, List.of(experiment), List.of(IoModel.values()), "test");
    Report report = new Lab(options, Progress.NONE, new EarlyStop()).run();
    Entry entry = report.experiments().getFirst();
    assertEquals(Entry.State.COMPLETE, entry.state(), entry.verdict().sentence());
    assertFalse(entry.finding().hasNothing());
    String noRings = LinuxRing.whyUnavailable();
    // What is about io_uring alone has nothing to measure where the kernel refuses it.
    assumeFalse(
        noRings != null
            && entry.verdict().outcome() == Verdict.Outcome.NOT_MEASURED
            && entry.verdict().sentence().startsWith(IoModel.IO_URING.word() + " "),
        "io_uring is not allowed here: " + noRings);
    assertNotEquals(
        Verdict.Outcome.NOT_MEASURED, entry.verdict().outcome(), entry.verdict().sentence());
  }
}
