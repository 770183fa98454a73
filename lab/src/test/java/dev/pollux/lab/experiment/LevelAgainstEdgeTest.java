package dev.pollux.lab.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.lab.Notebook;
import dev.pollux.lab.Verdict;
import dev.pollux.lab.Verdict.Outcome;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The missed drain on the real kernel, and the rule on figures that were not measured.
class LevelAgainstEdgeTest {
  private static final int WAIT_MILLIS = 50;

  private final Notebook notebook = new Notebook();

  @Test
  void levelTriggeredEpollTellsAgainOfWhatWasNotRead() throws IOException {
    List<MissedDrain.Step> steps = MissedDrain.steps(false, WAIT_MILLIS);
    assertEquals(
        List.of(true, true, true, false), steps.stream().map(MissedDrain.Step::told).toList());
    assertEquals(List.of(100, 40, 50, 0), steps.stream().map(MissedDrain.Step::unread).toList());
  }

  @Test
  void edgeTriggeredEpollIsSilentUntilMoreArrives() throws IOException {
    List<MissedDrain.Step> steps = MissedDrain.steps(true, WAIT_MILLIS);
    assertEquals(
        List.of(true, false, true, false), steps.stream().map(MissedDrain.Step::told).toList());
    assertTrue(steps.get(1).waitedMicros() >= WAIT_MILLIS * 1e3 * 0.9, steps.toString());
  }

  private void drain(int level, int edge, int more) {
    notebook.figure("level-tells-again", "", level, "");
    notebook.figure("edge-tells-again", "", edge, "");
    notebook.figure("edge-tells-of-more", "", more, "");
  }

  private void work(String model, double wakeups, double receives, double changes) {
    notebook.figure("wakeups-messages-" + model, "", wakeups, "");
    notebook.figure("recv-messages-" + model, "", receives, "");
    notebook.figure("epoll_ctl-bursts-" + model, "", changes, "");
  }

  private Verdict verdict() {
    return new LevelAgainstEdge().judge(notebook.finding());
  }

  @Test
  void holdsIfEdgeIsSilentAndChangesNoInterestAndReceivesOftener() {
    drain(1, 0, 1);
    work("epoll", 1, 1, 2);
    work("epoll-et", 1, 2, 0);
    assertEquals(Outcome.HOLDS, verdict().outcome());
    assertEquals(
        "Of 40 bytes that were left, level-triggered epoll tells, edge-triggered epoll does not;"
            + " per message epoll wakes and receives 1 and 1 times, epoll-et 1 and 2;"
            + " per burst epoll changes its interest 2 times, epoll-et 0.",
        verdict().sentence());
  }

  @Test
  void holdsInPartIfEdgeWakesOftener() {
    drain(1, 0, 1);
    work("epoll", 1, 1, 2);
    work("epoll-et", 1.2, 2, 0);
    assertEquals(Outcome.HOLDS_IN_PART, verdict().outcome());
  }

  @Test
  void doesNotHoldIfNothingIsAsClaimed() {
    drain(1, 1, 1);
    work("epoll", 1, 1, 0);
    work("epoll-et", 2, 1, 3);
    assertEquals(Outcome.DOES_NOT_HOLD_HERE, verdict().outcome());
  }

  @Test
  void withoutOneOfTheTwoItIsNotMeasured() {
    drain(1, 0, 1);
    work("epoll", 1, 1, 2);
    assertEquals(Outcome.NOT_MEASURED, verdict().outcome());
  }
}
