package dev.pollux.lab.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.lab.Axis;
import dev.pollux.lab.Notebook;
import dev.pollux.lab.Verdict;
import dev.pollux.lab.Verdict.Outcome;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The rule, on figures that were not measured.
class RealServerTest {
  private final Notebook notebook = new Notebook();

  @BeforeEach
  void begin() {
    for (String bars : new String[] {"cpu", "cpu-beside-idle", "memory"}) {
      notebook.bars(bars, "", Axis.linear("", ""));
    }
  }

  private void model(String word, double cpu, double beside, double memory) {
    notebook.bar("cpu", word, cpu);
    notebook.bar("cpu-beside-idle", word, beside);
    notebook.bar("memory", word, memory);
  }

  private Verdict verdict() {
    return new RealServer().judge(notebook.finding());
  }

  @Test
  void holdsIfEpollIsCheapStaysSoAndAThreadKeepsMuch() {
    model("blocking", 5.5, 6, 100_000);
    model("poll", 3.7, 80, 400);
    model("epoll", 3.8, 3.9, 400);
    assertEquals(Outcome.HOLDS, verdict().outcome());
    assertEquals(
        "A message costs epoll 3.8 µs of CPU, the cheapest model before it 3.7 µs;"
            + " beside idle clients epoll 3.9 µs;"
            + " an idle connection keeps 100,000 B in blocking and 400 B in epoll.",
        verdict().sentence());
  }

  @Test
  void holdsInPartIfAModelBeforeEpollIsCheaper() {
    model("blocking", 5.5, 6, 100_000);
    model("poll", 3, 80, 400);
    model("epoll", 3.8, 3.9, 400);
    assertEquals(Outcome.HOLDS_IN_PART, verdict().outcome());
  }

  @Test
  void aModelAfterEpollIsNotWhatItIsComparedWith() {
    model("blocking", 5.5, 6, 100_000);
    model("epoll", 3.8, 3.9, 400);
    model("io_uring", 1, 1, 400);
    assertEquals(Outcome.HOLDS, verdict().outcome());
  }

  @Test
  void doesNotHoldIfNothingIsAsClaimed() {
    model("blocking", 2, 2, 500);
    model("epoll", 4, 40, 400);
    assertEquals(Outcome.DOES_NOT_HOLD_HERE, verdict().outcome());
  }

  @Test
  void withoutTheMemoryOfBothTheRestIsJudged() {
    model("blocking", 5.5, 6, 100_000);
    notebook.bar("cpu", "epoll", 3.8);
    notebook.bar("cpu-beside-idle", "epoll", 3.9);
    assertEquals(Outcome.HOLDS, verdict().outcome());
    assertTrue(!verdict().sentence().contains("keeps"), verdict().sentence());
  }

  @Test
  void withoutEpollOrAModelBeforeItItIsNotMeasured() {
    model("epoll", 4, 40, 400);
    assertEquals(Outcome.NOT_MEASURED, verdict().outcome());
  }
}
