package dev.pollux.lab.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;

/// What is computed of samples and of times.
class ServiceTest {

  @Test
  void threadsAreToldByTheBeginningOfTheirNames() {
    assertEquals("client", ThreadTally.role("client-41234@12"));
    assertEquals("acceptor", ThreadTally.role("pollux-accept"));
    assertEquals("offload", ThreadTally.role("pollux-offload-"));
    assertEquals("loop", ThreadTally.role("pollux-epoll-et"));
    assertEquals("loop", ThreadTally.role("pollux-unparker"));
    assertEquals("carrier", ThreadTally.role("ForkJoinPool-1-"));
    assertNull(ThreadTally.role("pollux-timer"));
    assertNull(ThreadTally.role("C2 CompilerThre"));
  }

  @Test
  void aThreadInNoCallRunsOrIsElsewhere() {
    assertEquals("running", ThreadTally.doing("running"));
    assertEquals("elsewhere", ThreadTally.doing("-1 0x7ffd 0x7f"));
    assertNull(ThreadTally.doing(""));
  }

  @Test
  void aTallyTellsHowManyThreadsDidWhat() {
    ThreadTally tally =
        new ThreadTally(
            10,
            List.of(
                new ThreadTally.Group("client", "recv", 30),
                new ThreadTally.Group("client", "send", 10),
                new ThreadTally.Group("acceptor", "accept4", 10)));
    assertEquals(4, tally.threads("client"));
    assertEquals(0.25, tally.share("client", "send"));
    assertEquals(0, tally.share("loop", "epoll_wait"));
    assertEquals("4 × client: recv 75 %, send 25 %; 1 × acceptor: accept4 100 %", tally.text());
  }

  @Test
  void aPartOfTheLatenciesIsBelowWhatItSays() {
    long[] nanos = {5_000, 1_000, 2_000, 4_000, 3_000, 99};
    Latencies latencies = new Latencies(nanos, 5, 2_000_000, false);
    assertEquals(3, latencies.micros(0.5));
    assertEquals(5, latencies.micros(0.99));
    assertEquals(5, latencies.micros(1));
    assertEquals(1, latencies.micros(0));
    assertEquals(2_500, latencies.perSecond());
    assertEquals(Double.NaN, new Latencies(nanos, 0, 1, true).micros(0.5));
  }
}
