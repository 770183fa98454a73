package dev.pollux.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.lab.experiment.Experiments;
import dev.pollux.lab.report.Entry;
import dev.pollux.net.IoModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What is left of an experiment of which one model fails.
@Timeout(value = 600, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LabFailureTest {

  /// One of each way to use processes: their own, in turns, standing ones.
  static Stream<Experiment> someExperiments() {
    return Stream.of("copied", "threads", "slow", "quadrants", "server").map(Experiments::of);
  }

  @ParameterizedTest
  @MethodSource("someExperiments")
  void aModelThatFailsLeavesTheOthersTheirFigures(Experiment experiment) {
    List<IoModel> models = List.of(IoModel.SELECT, IoModel.POLL, IoModel.EPOLL);
    Progress failing =
        new Progress() {
          @Override
          public void measuring(String what, double done) {
            if (what.startsWith(IoModel.POLL.word())) {
              throw new UncheckedIOException(new IOException("the machine is busy"));
            }
          }
        };
    LabOptions options = new LabOptions(Effort.TINY, List.of(experiment), models, "test");
    Entry entry = new Lab(options, failing, new EarlyStop()).run().experiments().getFirst();
    assertEquals(Entry.State.FAILED, entry.state());
    Finding finding = entry.finding();
    assertEquals(
        List.of("poll"),
        finding.failures().stream().map(Failure::what).toList(),
        finding.failures()::toString);
    assertTrue(isNamed(finding, "select") && isNamed(finding, "epoll"), finding::toString);
    String sentence = entry.verdict().sentence();
    assertTrue(sentence.contains("Not measured: poll ("), sentence);
  }

  private static boolean isNamed(Finding finding, String model) {
    return finding.bars().stream().allMatch(bars -> bars.id().equals("memory") || has(bars, model))
        && finding.figures().stream().anyMatch(figure -> figure.id().endsWith("-" + model))
            == finding.figures().stream().anyMatch(figure -> figure.id().endsWith("-epoll"));
  }

  private static boolean has(Bars bars, String model) {
    return bars.at(model).isPresent();
  }
}
