package dev.pollux.net.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.CloseReason;
import dev.pollux.net.IoModel;
import dev.pollux.net.Refusal;
import dev.pollux.net.internal.Mutation;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Two readiness loops on a simulated kernel, schedule after schedule.
///
/// `-Dpollux.simulation.schedules=1000000` runs so many over all models instead of the few that a
/// build has time for; `-Dpollux.simulation.first=N` begins with seed N; and
/// `-Dpollux.simulation.seed=N` replays one.
class SimulationTest {
  static final List<IoModel> MODELS =
      List.of(IoModel.NONBLOCKING, IoModel.SELECT, IoModel.POLL, IoModel.EPOLL, IoModel.EPOLL_ET);

  private static final long SCHEDULES = Long.getLong("pollux.simulation.schedules", 8_000);
  private static final long FIRST = Long.getLong("pollux.simulation.first", 1);
  private static final Long ONE = Long.getLong("pollux.simulation.seed");

  @ParameterizedTest
  @FieldSource("MODELS")
  void whateverHappensNothingIsLostAndNothingIsLeftBehind(IoModel model) {
    if (ONE != null) {
      EchoSchedule.run(model, ONE);
      return;
    }
    long begun = System.nanoTime();
    long turns = 0;
    long bytes = 0;
    long across = 0;
    long count = Math.max(1, SCHEDULES / MODELS.size());
    for (long seed = FIRST; seed < FIRST + count; seed++) {
      EchoSchedule.Outcome outcome = EchoSchedule.run(model, seed);
      turns += outcome.turns();
      bytes += outcome.bytes();
      across += outcome.across();
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%-11s %,d schedules (seeds %d to %d), %,d turns, %,d bytes, %,d entries across in %.1f s:"
            + " %,.0f a second%n",
        model,
        count,
        FIRST,
        FIRST + count - 1,
        turns,
        bytes,
        across,
        seconds,
        count / seconds);
  }

  @ParameterizedTest(name = "{0}, seed {1}: {2}")
  @CsvSource({
    "EPOLL_ET, 479, 'one edge told that it was connected and of the first bytes: never read'",
    "EPOLL_ET, 3770, 'connect(2) was interrupted when it was asked for the outcome: never again'",
  })
  void aSeedThatFoundABugStaysGreen(IoModel model, long seed, String found) {
    assertFalse(found.isEmpty());
    EchoSchedule.run(model, seed);
  }

  @ParameterizedTest
  @FieldSource("MODELS")
  void aSeedGivesTheSameScheduleEveryTime(IoModel model) {
    for (long seed = 1; seed <= 20; seed++) {
      assertEquals(EchoSchedule.run(model, seed), EchoSchedule.run(model, seed));
    }
  }

  @Test
  void theSchedulesGetToEveryEndThatThereIs() {
    Set<String> ends = new TreeSet<>();
    for (long seed = 1; seed <= 1_000; seed++) {
      ends.addAll(EchoSchedule.run(IoModel.EPOLL, seed).ends());
    }
    for (CloseReason reason :
        List.of(
            CloseReason.CLOSED,
            CloseReason.ABORTED,
            CloseReason.RESET,
            CloseReason.FAILED,
            CloseReason.ENGINE_CLOSED)) {
      assertTrue(ends.contains(reason.name()), reason + " is not in " + ends);
    }
    for (Refusal refusal :
        List.of(
            Refusal.OUT_OF_DESCRIPTORS, Refusal.OUT_OF_RESOURCES, Refusal.TOO_MANY_CONNECTIONS)) {
      assertTrue(ends.contains(refusal.name()), refusal + " is not in " + ends);
    }
    assertTrue(ends.contains("NOT_CONNECTED"), "NOT_CONNECTED is not in " + ends);
  }

  static Stream<Arguments> mutations() {
    return Arrays.stream(Mutation.values())
        .flatMap(
            mutation -> mutation.visibleOn().stream().map(model -> Arguments.of(mutation, model)));
  }

  @ParameterizedTest
  @MethodSource("mutations")
  void aBugThatIsPutInIsFound(Mutation mutation, IoModel model) {
    long seedsUntilFound =
        LongStream.rangeClosed(1, 200)
            .filter(seed -> fails(mutation, model, seed))
            .findFirst()
            .orElse(-1);
    assertTrue(seedsUntilFound > 0, mutation + " was not found on " + model + " by 200 seeds");
  }

  private static boolean fails(Mutation mutation, IoModel model, long seed) {
    try {
      EchoSchedule.run(model, seed, mutation);
      return false;
    } catch (SimulationFailure e) {
      return true;
    }
  }
}
