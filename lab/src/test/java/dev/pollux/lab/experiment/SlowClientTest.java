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

  private Verdict verdict(Map<String, Double> ratios, double workersInSend, int oneThreadStalled) {
    notebook.bars("ratio", "", Axis.linear("", ""));
    ratios.forEach((model, ratio) -> notebook.bar("ratio", model, ratio));
    notebook.figure("workers-in-send", "", workersInSend, "");
    notebook.figure("stalled-one-thread", "", oneThreadStalled, "");
    return new SlowClient().judge(notebook.finding());
  }

  @Test
  void holdsIfNobodyNoticesOneWorkerSitsInSendAndOneThreadStops() {
    Verdict verdict = verdict(Map.of("blocking", 1.1, "epoll", 0.9), 1, 1);
    assertEquals(Outcome.HOLDS, verdict.outcome());
    assertEquals(
        "beside the slow client the others' median is 0.9 to 1.1 times what it was (blocking);"
            + " in blocking 1 worker sits in send;"
            + " one thread with blocking calls answers nobody any more.",
        verdict.sentence());
  }

  @Test
  void aModelWhoseOthersAreHeldUpIsNamed() {
    Verdict verdict = verdict(Map.of("blocking", 1.1, "poll", 3.5), 1, 1);
    assertEquals(Outcome.HOLDS_IN_PART, verdict.outcome());
    assertTrue(verdict.sentence().contains("3.5 times what it was (poll)"), verdict.sentence());
  }

  @Test
  void aModelUnderWhichAnEchoDidNotComeBackIsNamed() {
    notebook.figure("stalled-select", "", 1, "");
    Verdict verdict = verdict(Map.of("blocking", 1.0), 1, 1);
    assertEquals(Outcome.HOLDS_IN_PART, verdict.outcome());
    assertTrue(verdict.sentence().contains("under select"), verdict.sentence());
  }

  @Test
  void doesNotHoldIfNothingIsAsClaimed() {
    assertEquals(Outcome.DOES_NOT_HOLD_HERE, verdict(Map.of("epoll", 40.0), 4, 0).outcome());
  }

  @Test
  void withoutTheComparisonItIsNotMeasured() {
    assertEquals(Outcome.NOT_MEASURED, new SlowClient().judge(notebook.finding()).outcome());
  }
}
