package dev.pollux.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.net.IoModel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContestantsTest {
  private final Contestants contestants =
      new Contestants(List.of(IoModel.EPOLL, IoModel.POLL), Path.of("keystore.p12"));

  @Test
  void aGivenServerIsTheCommandBehindTheFirstEqualsSign() {
    Contestant given = contestants.given("mine=./server --port=0");
    assertEquals("mine", given.name());
    // The process that is measured is the server and not the shell.
    assertEquals(
        List.of("sh", "-c", "exec ./server --port=0"), given.command(Workload.Variant.PLAIN));
  }

  @Test
  void ofAGivenServerNothingIsExpectedButAnEcho() {
    Contestant given = contestants.given("mine=./server");
    for (Workload workload : Workload.ALL) {
      boolean echo =
          workload.variant() == Workload.Variant.PLAIN
              && workload.service() == Workload.Service.ECHO;
      assertEquals(echo, given.runs(workload), workload.name());
    }
    assertFalse(given.isJvm());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "mine", "=./server", "mine=", "epoll=./server"})
  void whatIsNoServerOrTakesTheNameOfOneIsRefused(String given) {
    assertThrows(IllegalArgumentException.class, () -> contestants.given(given));
  }

  @Test
  void aNameIsGivenOnce() {
    contestants.given("mine=./server");
    assertThrows(IllegalArgumentException.class, () -> contestants.given("mine=./another"));
  }

  @Test
  void theStandardOnesHoldPolluxAgainstCAndNetty() {
    contestants.addReference(Contestants.REFERENCE, "C epoll loop", Path.of("echo_epoll"));
    contestants.addReference("c-uring", "C io_uring loop", Path.of("echo_uring"));
    assertEquals(
        List.of("c-epoll", "epoll", "netty-epoll", "netty-io_uring"),
        contestants.standard().stream().map(Contestant::name).toList());
  }

  @Test
  void everyPeerIsEveryReferenceTooWithTheOneThatRatiosReferToInFront() {
    contestants.addReference(Contestants.REFERENCE, "C epoll loop", Path.of("echo_epoll"));
    contestants.addReference("c-uring", "C io_uring loop", Path.of("echo_uring"));
    assertEquals(
        List.of("c-epoll", "c-uring", "epoll", "virtual-threads"),
        contestants.everyPeer().stream().map(Contestant::name).limit(4).toList());
  }

  @Test
  void oneThatIsNotThereIsNamedWithThoseThatAre() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> contestants.named(List.of("epoll", "io_urinal")));
    assertTrue(
        String.valueOf(e.getMessage()).startsWith("no server 'io_urinal' here; there are: epoll,"),
        e::getMessage);
  }
}
