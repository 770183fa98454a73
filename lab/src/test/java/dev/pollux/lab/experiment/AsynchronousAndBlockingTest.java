package dev.pollux.lab.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.lab.Axis;
import dev.pollux.lab.Notebook;
import dev.pollux.lab.Verdict;
import dev.pollux.lab.Verdict.Outcome;
import dev.pollux.lab.service.ThreadTally;
import dev.pollux.lab.service.ThreadTally.Group;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Where samples of threads belong, and the rule, on figures that were not measured.
class AsynchronousAndBlockingTest {
  private static final int CLIENTS = 4;

  private final Notebook notebook = new Notebook();

  @BeforeEach
  void begin() {
    notebook.bars("here", "", Axis.linear("", "%"));
    notebook.bars("away", "", Axis.linear("", "%"));
  }

  private static Quadrant quadrant(int callers, Group... groups) {
    return Quadrant.of(new ThreadTally(10, List.of(groups)), CLIENTS, callers);
  }

  @Test
  void workersInRecvAreSynchronousAndBlocking() {
    assertEquals(
        Quadrant.SYNCHRONOUS_BLOCKING,
        quadrant(4, new Group("client", "recv", 40), new Group("acceptor", "accept4", 10)));
  }

  @Test
  void aLoopThatRunsIsSynchronousAndNonBlocking() {
    assertEquals(
        Quadrant.SYNCHRONOUS_NON_BLOCKING,
        quadrant(1, new Group("loop", "running", 9), new Group("loop", "recv", 1)));
  }

  @Test
  void aLoopInAWaitForReadinessIsAsynchronousAndBlocking() {
    for (String wait : List.of("select", "poll", "epoll_wait")) {
      assertEquals(Quadrant.ASYNCHRONOUS_BLOCKING, quadrant(1, new Group("loop", wait, 10)), wait);
    }
  }

  @Test
  void aLoopInAWaitForCompletionsIsAsynchronousAndNonBlocking() {
    assertEquals(
        Quadrant.ASYNCHRONOUS_NON_BLOCKING, quadrant(1, new Group("loop", "io_uring_enter", 10)));
  }

  @Test
  void aThreadForEachClientThatTheKernelDoesNotKnowIsParked() {
    assertEquals(
        Quadrant.SYNCHRONOUS_PARKED,
        quadrant(4, new Group("loop", "epoll_wait", 10), new Group("carrier", "futex", 20)));
  }

  private void asClaimed() {
    notebook.figure("in-recv-blocking", "", 100, "%");
    notebook.figure("running-nonblocking", "", 95, "%");
    notebook.figure("waiting-nonblocking", "", 0, "%");
    notebook.figure("waiting-poll", "", 100, "%");
    notebook.figure("waiting-epoll", "", 99, "%");
    offload("blocking", 99, 90);
    offload("epoll", 0.1, 95);
  }

  private void offload(String model, double here, double away) {
    notebook.bar("here", model, here);
    notebook.bar("away", model, away);
    notebook.figure("in-order-" + model, "", 1, "");
    notebook.figure("offload-in-read-" + model, "", 0.9, "");
  }

  private Verdict verdict() {
    return new AsynchronousAndBlocking().judge(notebook.finding());
  }

  @Test
  void holdsIfThreadsAreWhereTheyAreSaidToBeAndOffloadHoldsNobodyUp() {
    asClaimed();
    assertEquals(Outcome.HOLDS, verdict().outcome(), verdict().sentence());
    assertTrue(
        verdict()
            .sentence()
            .contains("keep 90 % of their echoes with offload (blocking), and 0.1 % at most"),
        verdict().sentence());
  }

  @Test
  void holdsInPartIfOffloadHoldsTheOthersUp() {
    asClaimed();
    offload("epoll", 0.1, 5);
    assertEquals(Outcome.HOLDS_IN_PART, verdict().outcome());
  }

  @Test
  void holdsInPartIfALoopThatWaitsItselfHoldsNobodyUp() {
    asClaimed();
    offload("epoll", 80, 100);
    assertEquals(Outcome.HOLDS_IN_PART, verdict().outcome());
  }

  @Test
  void holdsInPartIfAnswersComeInAnotherOrder() {
    asClaimed();
    notebook.figure("in-order-epoll", "", 0, "");
    assertEquals(Outcome.HOLDS_IN_PART, verdict().outcome());
  }

  @Test
  void holdsInPartIfNobodyIsSeenInRead() {
    asClaimed();
    notebook.figure("offload-in-read-epoll", "", 0.1, "");
    assertEquals(Outcome.HOLDS_IN_PART, verdict().outcome());
    assertTrue(verdict().sentence().contains("at least 0.1 other threads"), verdict().sentence());
  }

  @Test
  void holdsInPartIfALoopIsSeldomInItsWait() {
    asClaimed();
    notebook.figure("waiting-poll", "", 20, "%");
    assertEquals(Outcome.HOLDS_IN_PART, verdict().outcome());
    assertTrue(verdict().sentence().contains("at least 20 %"), verdict().sentence());
  }

  @Test
  void doesNotHoldIfNothingIsAsClaimed() {
    notebook.figure("in-recv-blocking", "", 0, "%");
    notebook.figure("waiting-epoll", "", 0, "%");
    offload("epoll", 90, 5);
    notebook.figure("in-order-epoll", "", 0, "");
    assertEquals(Outcome.DOES_NOT_HOLD_HERE, verdict().outcome());
  }

  @Test
  void withoutAModelItIsNotMeasured() {
    assertEquals(Outcome.NOT_MEASURED, verdict().outcome());
  }
}
