package dev.pollux.lab.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.pollux.lab.Axis;
import dev.pollux.lab.Notebook;
import dev.pollux.lab.Verdict;
import dev.pollux.lab.Verdict.Outcome;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The rule, on figures that were not measured.
class ReadinessAgainstCompletionTest {
  private final Notebook notebook = new Notebook();

  @BeforeEach
  void begin() {
    notebook.plot("calls", "", Axis.log("", ""), Axis.log("", ""));
  }

  private void calls(String model, double withOne, double withMany) {
    notebook.point("calls", model, 1, withOne);
    notebook.point("calls", model, 256, withMany);
  }

  private Verdict verdict() {
    return new ReadinessAgainstCompletion().judge(notebook.finding());
  }

  @Test
  void holdsIfEpollKeepsItsTwoCallsAndTheRingSharesOne() {
    calls("epoll", 3, 2.01);
    calls("io_uring", 1, 0.05);
    assertEquals(Outcome.HOLDS, verdict().outcome());
    assertEquals(
        "With 1 and with 256 clients a message costs epoll 3 and 2.01 calls,"
            + " and io_uring 1 and 0.05: 20 messages per call.",
        verdict().sentence());
  }

  @Test
  void holdsInPartIfTheRingSharesLittle() {
    calls("epoll", 3, 2.01);
    calls("io_uring", 1, 0.5);
    assertEquals(Outcome.HOLDS_IN_PART, verdict().outcome());
  }

  @Test
  void doesNotHoldIfEpollNeedsLessThanTwoAndTheRingSharesNothing() {
    calls("epoll", 3, 1.5);
    calls("io_uring", 2, 2);
    assertEquals(Outcome.DOES_NOT_HOLD_HERE, verdict().outcome());
  }

  @Test
  void withoutEitherOfTheTwoItIsNotMeasured() {
    assertEquals(Outcome.NOT_MEASURED, verdict().outcome());
    calls("io_uring", 1, 0.05);
    assertEquals(Outcome.NOT_MEASURED, verdict().outcome());
  }

  @Test
  void withOneClientOnlyItIsNotMeasured() {
    notebook.point("calls", "epoll", 1, 3);
    notebook.point("calls", "io_uring", 1, 1);
    assertEquals(Outcome.NOT_MEASURED, verdict().outcome());
  }
}
