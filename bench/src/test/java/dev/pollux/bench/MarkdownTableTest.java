package dev.pollux.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.lab.machine.Machine;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MarkdownTableTest {
  private static final Summary C =
      new Summary("c", "W1", 9, 4.5, 1, 1, 1, 1, 1, 0.04, 200_000, 80, 150);
  private static final Summary POLLUX =
      new Summary("epoll", "W1", 9, 0.345, 1.043, 0.82, 1.07, 0.99, 1.06, 0.3, 190_000, 81, 158);

  private static String table(Summary... summaries) {
    return table(null, summaries);
  }

  private static String table(@Nullable Stopped stopped, Summary... summaries) {
    BenchReport report =
        new BenchReport(
            "0123456789abcdef",
            "2026-11-25",
            Machine.here(),
            false,
            8_000,
            stopped,
            Map.of("c", "C epoll loop", "epoll", "Pollux epoll"),
            Map.of(),
            List.of(),
            List.of(summaries),
            List.of(
                IdleMemory.Idle.of(
                    "epoll",
                    List.of(
                        new IdleMemory.Slope(300, 350.4, List.of()),
                        new IdleMemory.Slope(301, 1_400, List.of()),
                        new IdleMemory.Slope(299, -40, List.of())))),
            List.of(StartTime.Start.of("epoll", List.of(700.0, 400.2, 500.0))));
    return MarkdownTable.of(report, Workload.ALL);
  }

  @Test
  void columnsAreAlignedSoThatItCanBeReadInATerminal() {
    List<String> lines = table(C, POLLUX).lines().filter(line -> line.startsWith("|")).toList();
    List<Integer> widths = lines.subList(0, 4).stream().map(String::length).distinct().toList();
    assertEquals(1, widths.size(), lines.toString());
  }

  @Test
  void smallFiguresHaveThreePlacesAndRatiosTheirInterval() {
    String table = table(C, POLLUX);
    assertTrue(table.contains(" 0.345 |  1.04 |    0.82..1.07 | 30 % |"), table);
    assertTrue(table.contains("| C epoll loop |"), table);
  }

  @Test
  void idleMemoryIsTheMedianOfTheProcessesWithItsSpread() {
    assertTrue(
        table(C).contains("| Pollux epoll |       300 |      350 |      650 |  259..1,701 |"),
        table(C));
  }

  @Test
  void aStartIsGivenWithItsSpread() {
    assertTrue(table(C).contains("| Pollux epoll |        500 |    400..700 |"), table(C));
  }

  @Test
  void aRatioThatIsNotThereIsADash() {
    Summary alone =
        new Summary(
            "c",
            "W1",
            1,
            4,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            0,
            1,
            1,
            1);
    assertTrue(table(alone).contains("|     - |             - |"), table(alone));
  }

  @Test
  void theIntervalOfTooFewRoundsIsADash() {
    Summary few = new Summary("c", "W1", 5, 4, 1.1, Double.NaN, Double.NaN, 1, 1.2, 0, 1, 1, 1);
    assertTrue(table(few).contains("|  1.10 |             - |"), table(few));
  }

  @Test
  void aWorkloadThatWasCutShortSaysSoAndTheOthersDoNot() {
    String table = table(new Stopped("interrupted", List.of("W1"), 1, 5), C, POLLUX);
    assertTrue(
        table.contains(
            "**W1**: 1,000 connections, 64 B, one at a time; stopped after 1 of 5 rounds\n"),
        table);
    assertEquals(table.indexOf("stopped"), table.lastIndexOf("stopped"), table);
    String both = table(new Stopped("interrupted", List.of("W3", "W1"), 1, 5), C, POLLUX);
    assertTrue(both.contains("; stopped after 1 of 5 rounds\n"), both);
    String whole = table(new Stopped("interrupted", List.of("W1"), 5, 5), C, POLLUX);
    assertEquals(-1, whole.indexOf("stopped"), whole);
  }
}
