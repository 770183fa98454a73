package dev.pollux.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private static Measurement measured(String server, String workload, int round, double cpu) {
    return new Measurement(server, workload, round, cpu, 0.5, 1000 / cpu, 10 * cpu, 20 * cpu);
  }

  private static final List<Measurement> TWO_SERVERS =
      List.of(
          measured("c", "W1", 1, 4),
          measured("p", "W1", 1, 5),
          measured("p", "W1", 2, 9),
          measured("c", "W1", 2, 6),
          measured("c", "W1", 3, 5),
          measured("p", "W1", 3, 5));

  @Test
  void aRatioIsThatOfTheSameRoundAndTheMiddleOneCounts() {
    Summary pollux = Summary.of(TWO_SERVERS, "W1", "c", Optional.empty()).get(1);
    assertEquals("p", pollux.server());
    assertEquals(3, pollux.rounds());
    assertEquals(5, pollux.cpuMicros());
    // 5/4, 9/6 and 5/5: not the ratio of the medians, which would be 1.
    assertEquals(1.25, pollux.ratio());
    assertEquals(1.125, pollux.ratioFirstQuartile());
    assertEquals(1.375, pollux.ratioThirdQuartile());
    // Of three there is no interval with such a confidence.
    assertTrue(Double.isNaN(pollux.ratioLower95()));
  }

  @Test
  void theReferenceIsOneOfItself() {
    assertEquals(1, Summary.of(TWO_SERVERS, "W1", "c", Optional.empty()).getFirst().ratio());
  }

  @Test
  void withAControlTheRatioIsToTheSameServerInTheOtherWorkload() {
    List<Measurement> all =
        List.of(
            measured("c", "control", 1, 4),
            measured("p", "control", 1, 10),
            measured("c", "W4", 1, 5),
            measured("p", "W4", 1, 11));
    List<Summary> summaries = Summary.of(all, "W4", "c", Optional.of("control"));
    assertEquals(1.25, summaries.getFirst().ratio());
    assertEquals(1.1, summaries.get(1).ratio(), 1e-9);
  }

  @Test
  void withoutAReferenceThereIsNoRatio() {
    Summary alone = Summary.of(TWO_SERVERS, "W1", "nobody", Optional.empty()).getFirst();
    assertTrue(Double.isNaN(alone.ratio()));
    assertTrue(Double.isNaN(alone.ratioLower95()));
    assertTrue(Double.isNaN(alone.ratioFirstQuartile()));
  }

  @Test
  void onlySpansOfTheSameRoundAreAPair() {
    List<Measurement> all = new ArrayList<>(TWO_SERVERS);
    // The reference failed before its fourth span.
    all.add(measured("p", "W1", 4, 1000));
    Summary pollux = Summary.of(all, "W1", "c", Optional.empty()).get(1);
    assertEquals(4, pollux.rounds());
    assertEquals(1.25, pollux.ratio());
  }

  @Test
  void anInterruptionOfOneServerMovesTheIntervalNoMoreThanAnyOtherRound() {
    List<Measurement> all = new ArrayList<>();
    for (int round = 1; round <= 25; round++) {
      all.add(measured("c", "W1", round, 4));
      all.add(measured("p", "W1", round, round == 3 ? 400 : 4 + round * 0.04));
    }
    Summary pollux = Summary.of(all, "W1", "c", Optional.empty()).get(1);
    // Rounds 1 to 25 without 3, which is the largest: the 13th, the 8th and the 18th.
    assertEquals(1.14, pollux.ratio(), 1e-9);
    assertEquals(1.09, pollux.ratioLower95(), 1e-9);
    assertEquals(1.19, pollux.ratioUpper95(), 1e-9);
  }
}
