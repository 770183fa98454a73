package dev.pollux.lab.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.lab.Axis;
import dev.pollux.lab.Notebook;
import dev.pollux.lab.Verdict;
import dev.pollux.lab.Verdict.Outcome;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The rule of the slow client, on figures that were not measured.
class SlowClientTest {
  private final Notebook notebook = new Notebook();

  private Verdict verdict(Map<String, Double> kept, double workersInSend, int oneThreadStalled) {
    notebook.bars("kept", "", Axis.linear("", ""));
    kept.forEach((model, percent) -> notebook.bar("kept", model, percent));
    notebook.figure("workers-in-send", "", workersInSend, "");
    notebook.figure("stalled-one-thread", "", oneThreadStalled, "");
    return new SlowClient().judge(notebook.finding());
  }

  @Test
  void holdsIfNobodyNoticesOneWorkerSitsInSendAndOneThreadStops() {
    Verdict verdict = verdict(Map.of("blocking", 91.0, "epoll", 99.0), 1, 1);
    assertEquals(Outcome.HOLDS, verdict.outcome());
    assertEquals(
        "Beside the slow client the others keep 91 % or more of their echoes (blocking);"
            + " in blocking 1 worker sits in send;"
            + " one thread with blocking calls answers nobody any more.",
        verdict.sentence());
  }

  @Test
  void aModelWhoseOthersAreHeldUpIsNamed() {
    Verdict verdict = verdict(Map.of("blocking", 99.0, "poll", 3.5), 1, 1);
    assertEquals(Outcome.HOLDS_IN_PART, verdict.outcome());
    assertTrue(
        verdict.sentence().contains("keep 3.5 % or more of their echoes (poll)"),
        verdict.sentence());
  }

  @Test
  void aModelUnderWhichAnEchoDidNotComeBackIsNamed() {
    notebook.figure("stalled-select", "", 1, "");
    Verdict verdict = verdict(Map.of("blocking", 100.0), 1, 1);
    assertEquals(Outcome.HOLDS_IN_PART, verdict.outcome());
    assertTrue(verdict.sentence().contains("under select"), verdict.sentence());
  }

  @Test
  void doesNotHoldIfNothingIsAsClaimed() {
    assertEquals(Outcome.DOES_NOT_HOLD_HERE, verdict(Map.of("epoll", 1.0), 4, 0).outcome());
  }

  @Test
  void withoutTheComparisonItIsNotMeasured() {
    assertEquals(Outcome.NOT_MEASURED, new SlowClient().judge(notebook.finding()).outcome());
  }
}
