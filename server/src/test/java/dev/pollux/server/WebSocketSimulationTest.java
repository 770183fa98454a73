package dev.pollux.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import dev.pollux.net.internal.Mutation;
import dev.pollux.net.simulation.SimulationFailure;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/// The WebSocket server on a simulated kernel, schedule after schedule; the properties are those of
/// the simulation in `net`.
class WebSocketSimulationTest {
  static final List<IoModel> MODELS =
      List.of(IoModel.NONBLOCKING, IoModel.SELECT, IoModel.POLL, IoModel.EPOLL, IoModel.EPOLL_ET);

  private static final long SCHEDULES = Long.getLong("pollux.simulation.schedules", 1_500);
  private static final long FIRST = Long.getLong("pollux.simulation.first", 1);
  private static final Long ONE = Long.getLong("pollux.simulation.seed");

  @ParameterizedTest
  @FieldSource("MODELS")
  void everyMessageComesBackAndEverySessionEnds(IoModel model) {
    if (ONE != null) {
      WebSocketSchedule.run(model, ONE);
      return;
    }
    long begun = System.nanoTime();
    long count = Math.max(1, SCHEDULES / MODELS.size());
    for (long seed = FIRST; seed < FIRST + count; seed++) {
      WebSocketSchedule.run(model, seed);
    }
    System.out.printf(
        Locale.ROOT,
        "%-11s %,d schedules of the WebSocket server: %,.0f a second%n",
        model,
        count,
        count / ((System.nanoTime() - begun) / 1e9));
  }

  @ParameterizedTest
  @FieldSource("MODELS")
  void aSeedGivesTheSameScheduleEveryTime(IoModel model) {
    for (long seed = 1; seed <= 20; seed++) {
      assertEquals(WebSocketSchedule.run(model, seed), WebSocketSchedule.run(model, seed));
    }
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
    long seed = 1;
    while (!fails(mutation, model, seed)) {
      assertTrue(++seed <= 200, mutation + " was not found on " + model + " by 200 seeds");
    }
  }

  private static boolean fails(Mutation mutation, IoModel model, long seed) {
    try {
      WebSocketSchedule.run(model, seed, mutation);
      return false;
    } catch (SimulationFailure e) {
      return true;
    }
  }
}
