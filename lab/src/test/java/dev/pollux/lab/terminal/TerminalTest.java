package dev.pollux.lab.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.lab.Effort;
import dev.pollux.lab.Experiment;
import dev.pollux.lab.Numbers;
import dev.pollux.lab.Samples;
import dev.pollux.lab.report.Comparison;
import dev.pollux.lab.report.Report;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a person sees on a terminal, and in a file.
class TerminalTest {
  private static final List<Experiment> TWO =
      List.of(
          Samples.experiment("one", (bench, notebook) -> {}),
          Samples.experiment("two", (bench, notebook) -> {}));

  private static String progress(Style style) {
    StringWriter written = new StringWriter();
    long[] now = {0};
    try (var progress =
        new LiveProgress(new PrintWriter(written), style, TWO, Effort.QUICK, () -> now[0])) {
      progress.began(TWO.get(0), 0, 2);
      now[0] = 4_000_000_000L;
      progress.measuring("poll, 4,000 watched", 0.5);
      progress.ended(Samples.report(1).experiments().getFirst());
    }
    return written.toString();
  }

  @Test
  void inAFileThereIsALineAtTheBeginningAndOneAtTheEnd() {
    assertEquals(
        List.of(
            "1/2  Title of one, about 0:10",
            "1/2  Title of holds: holds, without nonblocking, 0:01"),
        progress(Style.PLAIN).lines().toList());
  }

  @Test
  void onATerminalALineIsWrittenOver() {
    String written = progress(new Style(200, true, false));
    assertTrue(written.contains("━━━━━━━━────────  50 %"), written);
    // Half of it by its own pace (4 s), half by the estimate (6 s); the other takes 10 s.
    assertTrue(written.contains("0:05 left, 0:15 in all  poll, 4,000 watched"), written);
    assertTrue(written.contains("\r"), written);
  }

  @Test
  void aLineIsNeverWiderThanTheTerminal() {
    for (String line : progress(new Style(60, true, false)).split("\r", -1)) {
      assertTrue(line.replaceAll("\\x1b\\[[0-9;]*[mK]", "").lines().allMatch(l -> l.length() < 60));
    }
  }

  @Test
  void theSummarySaysEveryVerdictAndWhatWasLeftOut() {
    List<String> lines = Summary.lines(Samples.report(1), Style.PLAIN);
    String all = String.join("\n", lines);
    assertTrue(all.contains("The sentence for holds in part."), all);
    assertTrue(all.contains("does not hold here"), all);
    assertTrue(all.contains("io_uring was left out: the kernel has none"), all);
    assertTrue(all.contains("not warmed up"), all);
    assertFalse(all.contains("\u001b"), "no colours in a file");
    assertTrue(lines.stream().allMatch(line -> line.length() <= 100));
  }

  @Test
  void theComparisonIsAligned() {
    Report a = Samples.report(1);
    Report b = Samples.report(3);
    List<String> lines = ComparisonTable.lines(a, b, Comparison.of(a, b, false), Style.PLAIN);
    String cost = lines.stream().filter(l -> l.contains("cost of an event")).findFirst().orElse("");
    assertTrue(cost.matches(".*µs +2\\.5 +7\\.5 +3"), cost);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0",
    "0.2744,0.274",
    "2.5,2.5",
    "20.24,20.2",
    "99.96,100",
    "1694.4,'1,694'",
    "-3,-3",
    "1e-9,0.000000001",
    "NaN,–"
  })
  void numbersHaveThreeDigits(double value, String text) {
    assertEquals(text, Numbers.text(value));
  }

  @Test
  void theTimeLeftFollowsTheEstimateFirstAndThePaceLater() {
    assertEquals(10, LiveProgress.secondsLeft(10, 0, 0));
    assertEquals(0, LiveProgress.secondsLeft(10, 30, 0));
    assertEquals(2.7, LiveProgress.secondsLeft(10, 27, 0.9), 0.01);
  }
}
