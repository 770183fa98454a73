package dev.pollux.sys;

import static dev.pollux.sys.Sockets.error;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.sys.Sockets.Pair;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Sends of a real io_uring that never wait and are told of only if they take less than everything;
/// skipped, with the reason, where there is none.
@KernelTest
class QuietSendTest {
  private static final int MUCH = 16 * 1024 * 1024;
  private static final int FLAGS = Socket.MSG_NOSIGNAL | Socket.MSG_DONTWAIT | Socket.MSG_WAITALL;

  private final Sockets sockets = new Sockets();

  @BeforeEach
  void needsRings() {
    String why = LinuxRing.whyUnavailable();
    assumeTrue(why == null, () -> why);
  }

  @AfterEach
  void close() {
    sockets.close();
  }

  private LinuxRing open() throws IOException {
    return LinuxRing.open(sockets.arena, RingSetup.DEFAULT.withPlaces(8, 16));
  }

  private static void send(Ring ring, int fd, MemorySegment bytes) {
    int length = (int) bytes.byteSize();
    RingOperations.send(ring, fd, IoUring.IOSQE_CQE_SKIP_SUCCESS, bytes, 0, length, FLAGS, 1);
  }

  private static boolean mayTellOfSends(Ring ring) {
    return ring.mayTellOf(IoUring.IORING_OP_SEND, IoUring.IORING_OP_SENDMSG);
  }

  @Test
  void whatTakesEverythingIsOverWhenItIsSubmittedAndNotTold() throws Exception {
    try (Ring ring = open()) {
      Pair pair = sockets.pair();
      send(ring, pair.first(), sockets.bytes("all"));
      assertEquals(1, ring.unsubmitted());
      assertEquals(1, ring.enter(0, 0));
      assertEquals(0, ring.unsubmitted());
      assertFalse(mayTellOfSends(ring));
      assertFalse(ring.next());
      assertEquals("all", sockets.recv(pair.second(), 10, Socket.MSG_DONTWAIT));
    }
  }

  @Test
  void whatTakesLessOrNothingIsToldWithTheCallThatSubmitsIt() throws Exception {
    try (Ring ring = open()) {
      Pair pair = sockets.pair();
      MemorySegment much = sockets.arena.allocate(MUCH);
      send(ring, pair.first(), much);
      ring.enter(0, 0);
      assertTrue(mayTellOfSends(ring));
      assertTrue(ring.next());
      int taken = ring.result();
      assertTrue(taken > 0 && taken < MUCH, () -> taken + " taken");
      assertFalse(mayTellOfSends(ring), "the one that is read is told");

      // The peer's kernel may make more room for a while, though nobody reads.
      boolean told = false;
      int result = taken;
      for (int i = 0; !told || result > 0; i++) {
        assertTrue(i < 1_000, "there is always room");
        send(ring, pair.first(), much);
        ring.enter(0, 0);
        told = mayTellOfSends(ring);
        assertEquals(told, ring.next());
        result = told ? ring.result() : MUCH;
      }
      assertEquals("EAGAIN", error(result));
    }
  }

  @Test
  void aVectorIsToldInTheSameWay() throws Exception {
    try (Ring ring = open()) {
      Pair pair = sockets.pair();
      IoVector pieces = IoVector.allocate(sockets.arena, 3);
      pieces.add(sockets.bytes("two "), 0, 4);
      pieces.add(sockets.bytes("pieces"), 0, 6);
      ring.queueSendmsg(pair.first(), IoUring.IOSQE_CQE_SKIP_SUCCESS, pieces, FLAGS, 1);
      ring.enter(0, 0);
      assertFalse(mayTellOfSends(ring));
      assertEquals("two pieces", sockets.recv(pair.second(), 20, Socket.MSG_DONTWAIT));

      pieces.add(sockets.arena.allocate(MUCH), 0, MUCH);
      ring.queueSendmsg(pair.first(), IoUring.IOSQE_CQE_SKIP_SUCCESS, pieces, FLAGS, 1);
      ring.enter(0, 0);
      assertTrue(mayTellOfSends(ring));
      assertTrue(ring.next());
      assertEquals(IoUring.IORING_OP_SENDMSG, ring.opcode());
    }
  }

  @Test
  void anythingMayBeAmongTheCompletionsThatFoundNoPlace() throws Exception {
    try (Ring ring = open()) {
      for (int i = 0; i < 40; i++) {
        RingOperations.nop(ring, i);
      }
      ring.enter(0, 0);
      assertTrue(mayTellOfSends(ring), "16 have a place");
      int read = 0;
      while (read < 40) {
        while (ring.next()) {
          assertEquals(IoUring.IORING_OP_NOP, ring.opcode());
          read++;
        }
        ring.enter(0, 0);
      }
      assertFalse(mayTellOfSends(ring));
    }
  }
}
