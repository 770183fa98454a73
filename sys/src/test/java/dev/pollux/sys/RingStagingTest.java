package dev.pollux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.sys.RingFeatures.Feature;
import dev.pollux.sys.Sockets.Pair;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What submissions point to stays what it is until the kernel has taken them, however little of
/// the queue a call takes. Without `SUBMIT_ALL` a call ends at each bad submission. What needs a
/// real io_uring is skipped, with the reason, where there is none.
@KernelTest
class RingStagingTest {
  private static final long WAIT_NANOS = 10_000_000_000L;
  private static final int NO_OPERATION = 200;

  private final Sockets sockets = new Sockets();
  private final IoVector pieces = IoVector.allocate(sockets.arena, 2);

  @AfterEach
  void close() {
    sockets.close();
  }

  private LinuxRing open(int places, boolean submitAll) throws IOException {
    String why = LinuxRing.whyUnavailable();
    assumeTrue(why == null, () -> why);
    Set<Feature> allowed = EnumSet.allOf(Feature.class);
    if (!submitAll) {
      allowed.remove(Feature.SUBMIT_ALL);
    }
    return LinuxRing.open(
        sockets.arena, RingSetup.DEFAULT.withPlaces(places, 4096).withAllowed(allowed));
  }

  private static void bad(Ring ring) {
    ring.queue(NO_OPERATION, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 1);
  }

  private void send(Ring ring, int fd, MemorySegment text) {
    pieces.clear();
    pieces.add(text, 0, 1);
    pieces.add(text, 1, 1);
    ring.queueSendmsg(fd, 0, pieces, Socket.MSG_NOSIGNAL, 2);
  }

  private static int completions(Ring ring) {
    int read = 0;
    while (ring.next()) {
      read++;
    }
    return read;
  }

  /// All that was sent to the second, which is told of its end.
  private String received(Pair pair) {
    sockets.kernel.shutdown(pair.first(), Socket.SHUT_WR);
    StringBuilder all = new StringBuilder();
    String some = sockets.recv(pair.second(), 1_000, 0);
    while (!some.isEmpty()) {
      all.append(some);
      some = sockets.recv(pair.second(), 1_000, 0);
    }
    return all.toString();
  }

  /// Messages to two peers by turns, more than there are places, with bad submissions among them.
  @ParameterizedTest
  @CsvSource({"2,false", "2,true", "8,false", "8,true", "512,false", "512,true"})
  void everyPeerGetsItsOwnMessagesThoughASubmissionIsBad(int places, boolean submitAll)
      throws Exception {
    try (Ring ring = open(places, submitAll)) {
      Pair one = sockets.pair();
      Pair other = sockets.pair();
      MemorySegment lower = sockets.bytes("ab");
      MemorySegment upper = sockets.bytes("XY");
      bad(ring);
      int queued = 1;
      for (int i = 0; i < 300; i++) {
        // Many to one peer, then many to the other: more in a row than there are places.
        boolean toOne = i / 70 % 2 == 0;
        send(ring, toOne ? one.first() : other.first(), toOne ? lower : upper);
        queued++;
        if (i % 90 == 50) {
          bad(ring);
          queued++;
        }
      }
      int read = 0;
      while (read < queued) {
        assertTrue(ring.enter(1, WAIT_NANOS) >= 0);
        read += completions(ring);
      }
      assertEquals("ab".repeat(160), received(one));
      assertEquals("XY".repeat(140), received(other));
    }
  }

  /// Two more than there are places, to another address.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyConnectGoesToItsOwnAddressThoughASubmissionIsBad(boolean submitAll) throws Exception {
    int many = 66;
    try (Ring ring = open(256, submitAll)) {
      int listener = sockets.listener();
      int nobody = sockets.bound();
      SockAddr toListener = sockets.addressOf(listener);
      SockAddr toNobody = sockets.addressOf(nobody);
      bad(ring);
      for (int i = 0; i < many; i++) {
        ring.queueConnect(sockets.tcp(), 0, i < many - 2 ? toListener : toNobody, i);
      }
      int connected = 0;
      int read = 0;
      while (read < many + 1) {
        assertTrue(ring.enter(1, WAIT_NANOS) >= 0);
        while (ring.next()) {
          read++;
          if (ring.opcode() == IoUring.IORING_OP_CONNECT) {
            boolean there = ring.tag() < many - 2;
            int result = ring.result();
            assertEquals(there ? 0 : -Errno.ECONNREFUSED, result, () -> Errno.describe(result));
            connected += there ? 1 : 0;
          }
        }
      }
      assertEquals(many - 2, connected);
    }
  }

  @Test
  void aCallTakesWhatIsBehindBadSubmissionsToo() throws Exception {
    try (Ring ring = open(64, false)) {
      for (int i = 0; i < 10; i++) {
        bad(ring);
        RingOperations.nop(ring, i);
      }
      assertEquals(20, ring.unsubmitted());
      assertEquals(20, ring.enter(0, 0));
      assertEquals(0, ring.unsubmitted());
      assertEquals(20, completions(ring));
    }
  }

  /// A ring that is closed takes nothing more, as one without memory does.
  @Test
  void withoutRoomWhatIsOneTooManyIsRefusedAndNothingElseIsTouched() throws Exception {
    Ring ring = open(128, true);
    Pair pair = sockets.pair();
    SockAddr address = sockets.addressOf(pair.first());
    MemorySegment text = sockets.bytes("ab");
    ring.close();
    for (int i = 0; i < 64; i++) {
      send(ring, pair.first(), text);
    }
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> send(ring, pair.first(), text));
    String why = "no room for one more: 64 submissions wait, and the kernel takes none: ";
    assertTrue(String.valueOf(e.getMessage()).startsWith(why), e::getMessage);
    assertThrows(IllegalStateException.class, () -> ring.queueConnect(pair.first(), 0, address, 1));
    assertEquals(64, ring.unsubmitted());
    for (int i = 64; i < 128; i++) {
      RingOperations.nop(ring, i);
    }
    assertThrows(IllegalStateException.class, () -> RingOperations.nop(ring, 128));
    assertEquals(128, ring.unsubmitted());
  }

  @Test
  void aPlaceIsFreeOnlyWhenTheKernelIsPastItsSubmission() {
    try (Arena arena = Arena.ofConfined()) {
      RingStaging staging = new RingStaging(arena, 4);
      // The positions wrap around, as the kernel's counters do.
      int position = Integer.MAX_VALUE - 1;
      long[] at = new long[4];
      for (int i = 0; i < 4; i++) {
        at[i] = staging.message(pieces, position + 10 * i);
      }
      assertTrue(staging.isFull());
      staging.taken(position);
      assertTrue(staging.isFull(), "the first is still to be taken");
      assertThrows(IllegalStateException.class, () -> staging.message(pieces, position + 40));
      staging.taken(position + 11);
      assertEquals(at[0], staging.message(pieces, position + 40));
      assertEquals(at[1], staging.message(pieces, position + 41));
      assertTrue(staging.isFull(), "two are still to be taken");
      staging.taken(position + 41);
      assertNotEquals(at[1], staging.message(pieces, position + 50));
      staging.taken(position + 51);
      assertEquals(at[0], staging.message(pieces, position + 60), "from the first one again");
    }
  }
}
