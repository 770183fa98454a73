package dev.pollux.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.CloseReason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

final class OffloadTest {
  private final Recorder handler = new Recorder();
  private final List<Runnable> works = new ArrayList<>();
  private final Bench bench =
      new Bench(handler, SessionOptions.defaults().withOffloadBacklog(3), works::add, false);

  private boolean offload(String result) {
    return bench.ws.offload(
        () -> result,
        value -> handler.events.add("then " + value),
        failure -> handler.events.add("failed " + failure.getMessage()));
  }

  /// On a worker's thread, as it would be.
  private static void run(Runnable work) throws InterruptedException {
    Thread worker = Thread.ofPlatform().start(work);
    worker.join();
  }

  @Test
  void aResultComesBackAsACallback() throws InterruptedException {
    handler.take();
    assertTrue(
        bench.ws.offload(
            () -> Thread.currentThread(),
            worker -> {
              assertTrue(bench.connection.isOwner());
              handler.events.add(worker == Thread.currentThread() ? "same" : "other");
            }));
    run(works.getFirst());
    assertEquals(List.of(), handler.take());
    bench.connection.runTasks();
    assertEquals(List.of("other"), handler.take());
    assertEquals(1, bench.statistics().offloads());
  }

  @Test
  void outcomesAreToldInTheOrderOfSubmission() throws InterruptedException {
    handler.take();
    offload("1");
    offload("2");
    offload("3");
    run(works.get(2));
    run(works.get(1));
    assertEquals(0, bench.connection.runTasks());
    bench.connection.receive(Wire.text("meanwhile"));
    run(works.get(0));
    bench.connection.runTasks();
    assertEquals(List.of("text meanwhile", "then 1", "then 2", "then 3"), handler.take());
  }

  @Test
  void beyondTheBacklogWorkIsRefusedAndCounted() throws InterruptedException {
    assertTrue(offload("1") && offload("2") && offload("3"));
    assertFalse(offload("4"));
    assertEquals(1, bench.statistics().offloadsRefused());
    run(works.getFirst());
    assertFalse(offload("not told yet"));
    bench.connection.runTasks();
    assertTrue(offload("5"));
  }

  @Test
  void anOutcomeThatIsThrownAndCannotBeSaidKeepsNoOtherFromBeingTold() throws Exception {
    handler.take();
    bench.ws.offload(
        () -> "1",
        value -> {
          throw new InternalError("in then");
        });
    offload("2");
    run(works.get(0));
    run(works.get(1));
    bench.connection.outOfMemory = true;
    bench.connection.runTasks();
    assertTrue(bench.connection.aborted);
    assertEquals(List.of("error in then", "then 2"), handler.take());
  }

  @Test
  void aWorkForWhichThereIsNoThreadHoldsNothingUp() throws Exception {
    var executor =
        new Executor() {
          boolean hasThreads;

          @Override
          public void execute(Runnable work) {
            if (!hasThreads) {
              throw new InternalError("unable to create native thread");
            }
            works.add(work);
          }
        };
    var poor = new Bench(handler, SessionOptions.defaults(), executor, false);
    handler.take();
    assertThrows(InternalError.class, () -> poor.ws.offload(() -> 1, one -> {}));
    executor.hasThreads = true;
    poor.ws.offload(() -> 2, two -> handler.events.add("then " + two));
    run(works.getFirst());
    poor.connection.runTasks();
    assertEquals(List.of("then 2"), handler.take());
  }

  @Test
  void aFullPoolIsARefusalThatHoldsNothingUp() {
    var full =
        new Bench(
            handler,
            SessionOptions.defaults(),
            work -> {
              throw new RejectedExecutionException();
            },
            false);
    assertFalse(full.ws.offload(() -> 1, value -> handler.events.add("never")));
    assertEquals(1, full.statistics().offloadsRefused());
    assertEquals(0, full.connection.waitingTasks());
  }

  @Test
  void aFailureGoesToWhoTakesIt() throws InterruptedException {
    handler.take();
    bench.ws.offload(
        () -> {
          throw new IOException("disk");
        },
        value -> handler.events.add("then"),
        failure -> handler.events.add("failed " + failure.getMessage()));
    run(works.getFirst());
    bench.connection.runTasks();
    assertEquals(List.of("failed disk"), handler.take());
    assertTrue(bench.ws.isOpen());
  }

  @Test
  void aFailureThatNobodyTakesIsTheHandlers() throws InterruptedException {
    handler.take();
    bench.ws.offload(
        () -> {
          throw new IOException("disk");
        },
        value -> handler.events.add("then"));
    run(works.getFirst());
    bench.connection.runTasks();
    assertEquals(List.of("error disk"), handler.take());
    assertEquals(List.of("close 1011"), bench.sent());
  }

  @Test
  void whatThenThrowsIsTheHandlersAndTheNextOutcomeIsStillTold() throws InterruptedException {
    handler.take();
    bench.ws.offload(
        () -> "x",
        value -> {
          throw new IllegalStateException("then");
        });
    offload("2");
    run(works.get(0));
    run(works.get(1));
    bench.connection.runTasks();
    assertEquals(List.of("error then", "then 2"), handler.take());
  }

  @Test
  void aWorkThatHadNotBegunIsCancelledWhenTheConnectionEnds() throws InterruptedException {
    offload("1");
    bench.ws.offload(() -> handler.events.add("must not run"), value -> handler.events.add("no"));
    bench.connection.end(CloseReason.RESET);
    handler.take();
    run(works.get(0));
    run(works.get(1));
    bench.connection.runTasks();
    assertEquals(List.of("failed the connection ended before the work began"), handler.take());
    assertFalse(offload("late"));
  }

  @Test
  void aWorkThatHadBegunIsCompletedAndTold() throws InterruptedException {
    bench.ws.offload(
        () -> {
          // The connection ends while the work runs.
          bench.connection.end(CloseReason.RESET);
          return "result";
        },
        value -> handler.events.add("then " + value));
    run(works.getFirst());
    bench.connection.runTasks();
    assertEquals(List.of("open", "close 1006", "then result"), handler.take());
  }
}
