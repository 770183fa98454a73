package dev.pollux.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpreadTest {
  private static double[] upTo(int count) {
    return IntStream.rangeClosed(1, count).mapToDouble(i -> i).toArray();
  }

  /// As in tables of the sign test, two-sided, 5 %: the ranks that are the ends of the interval.
  @ParameterizedTest
  @CsvSource({
    "6, 1, 6",
    "7, 1, 7",
    "8, 1, 8",
    "9, 2, 8",
    "10, 2, 9",
    "11, 2, 10",
    "12, 3, 10",
    "15, 4, 12",
    "20, 6, 15",
    "25, 8, 18",
    "30, 10, 21",
    "35, 12, 24",
    "40, 14, 27",
    "50, 18, 33",
    "100, 40, 61"
  })
  void theIntervalIsThatOfTheTableOfTheSignTest(int count, int lower, int upper) {
    Spread spread = Spread.of(upTo(count));
    assertEquals(lower, spread.lower95());
    assertEquals(upper, spread.upper95());
  }

  @Test
  void ofFiveOrFewerThereIsNoInterval() {
    for (int count = 0; count <= 5; count++) {
      assertTrue(Double.isNaN(Spread.of(upTo(count)).lower95()), "of " + count);
      assertTrue(Double.isNaN(Spread.of(upTo(count)).upper95()), "of " + count);
    }
  }

  @Test
  void ofVeryManyItIsNarrow() {
    Spread spread = Spread.of(upTo(10_001));
    // 1.96 standard deviations of the number of heads, 50 each.
    assertEquals(5001 - 98, spread.lower95(), 1);
    assertEquals(5001 + 98, spread.upper95(), 1);
  }

  @Test
  void nineteenOfTwentyIntervalsHoldTheTrueMedian() {
    Random random = new Random(1);
    int holding = 0;
    for (int i = 0; i < 2_000; i++) {
      // The true median of it is 1; it is skewed, as what is disturbed is.
      double[] values =
          IntStream.range(0, 25).mapToDouble(j -> Math.exp(random.nextGaussian())).toArray();
      Spread spread = Spread.of(values);
      if (spread.lower95() <= 1 && 1 <= spread.upper95()) {
        holding++;
      }
    }
    assertTrue(holding >= 1_900 && holding < 1_960, "of 2,000 intervals: " + holding);
  }

  @Test
  void theMedianOfAnEvenNumberIsTheMeanOfTheTwoInTheMiddle() {
    assertEquals(2.5, Spread.medianOf(9, 1, 2, 3));
    assertTrue(Double.isNaN(Spread.medianOf()));
  }

  @Test
  void quartilesLieInProportionBetweenTheirNeighbours() {
    Spread spread = Spread.of(4, 1, 3, 2);
    assertEquals(1.75, spread.firstQuartile());
    assertEquals(3.25, spread.thirdQuartile());
    assertEquals(5, Spread.of(5).firstQuartile());
  }
}
