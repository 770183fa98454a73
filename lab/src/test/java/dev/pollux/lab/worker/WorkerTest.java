package dev.pollux.lab.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A process of the lab's own: orders, answers, failures, its end.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkerTest {

  /// An answer of the job.
  record Sum(int sum, long pid) implements Serializable {}

  /// Cannot be sent.
  private record Holder(Object object) implements Serializable {}

  /// Adds; and ends in all the ways that a process can.
  public static final class Adding implements Job {
    @Override
    public @Nullable Serializable carryOut(String order, Arguments arguments) throws IOException {
      return switch (order) {
        case "add" ->
            new Sum(arguments.number("a") + arguments.number("b"), ProcessHandle.current().pid());
        case "refuse" -> throw new IOException("errno is EMFILE");
        case "die" -> {
          Runtime.getRuntime().halt(7);
          yield null;
        }
        case "object" -> new Holder(new Object());
        case "sleep" -> hold();
        default -> null;
      };
    }

    private static @Nullable Serializable hold() {
      Object never = new Object();
      synchronized (never) {
        try {
          while (true) {
            never.wait();
          }
        } catch (InterruptedException e) {
          return null;
        }
      }
    }
  }

  @Test
  void ordersAreCarriedOutInAnotherProcess() throws Exception {
    try (Worker worker = Worker.start(Adding.class, WorkerOptions.DEFAULT.onCore(0))) {
      Sum sum = worker.ask("add", Map.of("a", 2, "b", 3), Sum.class);
      assertEquals(5, sum.sum());
      assertEquals(worker.pid(), sum.pid());
      assertTrue(sum.pid() != ProcessHandle.current().pid());
    }
  }

  @Test
  void aFailureReachesTheOneWhoAsked() throws Exception {
    try (Worker worker = Worker.start(Adding.class, WorkerOptions.DEFAULT)) {
      var thrown = assertThrows(WorkerException.class, () -> worker.tell("refuse", null));
      assertTrue(String.valueOf(thrown.getMessage()).contains("errno is EMFILE"), thrown::toString);
      assertEquals(3, worker.ask("add", Map.of("a", 1, "b", 2), Sum.class).sum());
    }
  }

  @Test
  void anAnswerThatCannotBeSentIsAFailure() throws Exception {
    try (Worker worker = Worker.start(Adding.class, WorkerOptions.DEFAULT)) {
      var thrown = assertThrows(WorkerException.class, () -> worker.tell("object", null));
      assertTrue(String.valueOf(thrown.getMessage()).contains("NotSerializable"), thrown::toString);
      assertEquals(3, worker.ask("add", Map.of("a", 1, "b", 2), Sum.class).sum());
    }
  }

  @Test
  void anEndSaysHowTheProcessEnded() throws Exception {
    try (Worker worker = Worker.start(Adding.class, WorkerOptions.DEFAULT)) {
      var thrown = assertThrows(WorkerException.class, () -> worker.tell("die", null));
      assertTrue(String.valueOf(thrown.getMessage()).contains("ended with 7"), thrown::toString);
      assertThrows(WorkerException.class, () -> worker.tell("add", Map.of("a", 1, "b", 2)));
    }
  }

  @Test
  void closeEndsAProcessThatIsBusy() throws Exception {
    Worker worker = Worker.start(Adding.class, WorkerOptions.DEFAULT);
    ProcessHandle process = ProcessHandle.of(worker.pid()).orElseThrow();
    var answer = worker.begin("sleep", null);
    worker.close();
    assertFalse(process.isAlive());
    assertThrows(
        WorkerException.class, () -> worker.await(answer, Duration.ofSeconds(60), Sum.class));
  }

  @Test
  void aProcessEndsByItselfAfterItsTime() throws Exception {
    WorkerOptions shortLived = new WorkerOptions(-1, List.of(), Duration.ofSeconds(1));
    try (Worker worker = Worker.start(Adding.class, shortLived)) {
      var thrown = assertThrows(WorkerException.class, () -> worker.tell("sleep", null));
      assertTrue(String.valueOf(thrown.getMessage()).contains("ended with 3"), thrown::toString);
    }
  }
}
