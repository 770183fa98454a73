package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.net.internal.Mutation;
import dev.pollux.net.simulation.SimulationFailure;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/// The WebSocket server on two loops and a simulated kernel, schedule after schedule; the
/// properties are those of the simulation in `net`.
class WebSocketSimulationTest {
  static final List<IoModel> MODELS =
      List.of(IoModel.NONBLOCKING, IoModel.SELECT, IoModel.POLL, IoModel.EPOLL, IoModel.EPOLL_ET);

  private static final long SCHEDULES = Long.getLong("pollux.simulation.schedules", 1_000);
  private static final long FIRST = Long.getLong("pollux.simulation.first", 1);
  private static final Long ONE = Long.getLong("pollux.simulation.seed");

  /// Runs the schedule of a seed; returns what it came to.
  @FunctionalInterface
  private interface Schedule {
    Object run(IoModel model, long seed, Mutation mutation);
  }

  @ParameterizedTest
  @FieldSource("MODELS")
  void everyMessageComesBackAndEverySessionEnds(IoModel model) {
    runAll(model, "of the WebSocket server", WebSocketSchedule::run);
  }

  @ParameterizedTest
  @FieldSource("MODELS")
  void whatIsSentToOneAndToGroupsArrivesOnceAndInItsOrder(IoModel model) {
    runAll(model, "of a chat", ChatSchedule::run);
  }

  private static void runAll(IoModel model, String what, Schedule schedule) {
    if (ONE != null) {
      schedule.run(model, ONE, Mutation.NONE);
      return;
    }
    long begun = System.nanoTime();
    long count = Math.max(1, SCHEDULES / MODELS.size());
    for (long seed = FIRST; seed < FIRST + count; seed++) {
      schedule.run(model, seed, Mutation.NONE);
    }
    System.out.printf(
        Locale.ROOT,
        "%-11s %,d schedules %s (seeds %d to %d): %,.0f a second%n",
        model,
        count,
        what,
        FIRST,
        FIRST + count - 1,
        count / ((System.nanoTime() - begun) / 1e9));
  }

  @ParameterizedTest
  @FieldSource("MODELS")
  void aSeedGivesTheSameScheduleEveryTime(IoModel model) {
    for (Schedule schedule : List.<Schedule>of(WebSocketSchedule::run, ChatSchedule::run)) {
      for (long seed = 1; seed <= 20; seed++) {
        assertEquals(
            schedule.run(model, seed, Mutation.NONE), schedule.run(model, seed, Mutation.NONE));
      }
    }
  }

  @Test
  void theSeedThatFoundAnOwnSendBeforeWhatItsGroupWasSentStaysGreen() {
    ChatSchedule.run(IoModel.EPOLL, 9, Mutation.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "LOSES_AN_EDGE, EPOLL_ET",
    "DOES_NOT_RE_ARM, POLL",
    "SWALLOWS_A_BYTE, EPOLL",
    "DOUBLES_A_BYTE, NONBLOCKING",
    "LEAKS_A_DESCRIPTOR, EPOLL",
    "SPINS, EPOLL"
  })
  void aBugThatIsPutInIsFound(Mutation mutation, IoModel model) {
    assertFound(mutation, model, WebSocketSchedule::run);
  }

  @ParameterizedTest
  @CsvSource({
    "LOSES_A_WAKE_UP, EPOLL",
    "OVERTAKES_THE_INBOX, SELECT",
    "OVERTAKES_THE_INBOX, EPOLL",
    "DELAYS_AN_ENTRY, POLL",
    "DELAYS_AN_ENTRY, EPOLL_ET",
    "RUNS_AN_ENTRY_TWICE, EPOLL",
    "RUNS_AN_ENTRY_TWICE, NONBLOCKING",
    "LOSES_AN_ENTRY, EPOLL"
  })
  void aBugOfAnInboxIsFoundByAChat(Mutation mutation, IoModel model) {
    assertFound(mutation, model, ChatSchedule::run);
  }

  private static void assertFound(Mutation mutation, IoModel model, Schedule schedule) {
    long seed = 1;
    while (!fails(mutation, model, seed, schedule)) {
      assertTrue(++seed <= 200, mutation + " was not found on " + model + " by 200 seeds");
    }
  }

  private static boolean fails(Mutation mutation, IoModel model, long seed, Schedule schedule) {
    try {
      schedule.run(model, seed, mutation);
      return false;
    } catch (SimulationFailure e) {
      return true;
    }
  }
}
