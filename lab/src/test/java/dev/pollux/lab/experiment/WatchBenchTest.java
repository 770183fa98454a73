package dev.pollux.lab.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.lab.Models;
import dev.pollux.lab.worker.Arguments;
import dev.pollux.net.IoModel;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A round ends when every byte that was sent was found out and received, so that a way of waiting
/// that misses one never ends, and one that tells of one twice fails in its receive.
@Timeout(60)
class WatchBenchTest {
  private static final int WATCHED = 200;
  private static final int MORE = 1_100;

  @ParameterizedTest
  @EnumSource(
      value = IoModel.class,
      names = {"NONBLOCKING", "SELECT", "POLL", "EPOLL", "EPOLL_ET", "IO_URING"})
  void findsOneSomeAndAll(IoModel model) throws IOException {
    Models tried = Models.tried(List.of(model));
    assumeTrue(tried.working().contains(model), () -> "not here: " + tried.problems());
    try (WatchBench bench = new WatchBench()) {
      assertEquals(MORE, bench.carryOut("sockets", new Arguments(Map.of("count", MORE))));
      for (int active : new int[] {1, 20, WATCHED}) {
        WatchBench.Rounds rounds = rounds(bench, model, active);
        assertTrue(rounds.microsPerEvent() > 0, rounds.toString());
        assertTrue(rounds.microsPerRound() > 0, rounds.toString());
        assertTrue(rounds.waits() >= 1 && rounds.waits() <= active, rounds.toString());
      }
    }
  }

  private static WatchBench.Rounds rounds(WatchBench bench, IoModel model, int active)
      throws IOException {
    Arguments arguments =
        new Arguments(
            Map.of(
                "models",
                new String[] {model.word()},
                "watched",
                WATCHED,
                "active",
                active,
                "millis",
                20,
                "slices",
                2));
    var measured = (WatchBench.Measured) bench.carryOut("rounds", arguments);
    return Objects.requireNonNull(Objects.requireNonNull(measured).byModel().get(model.word()));
  }
}
