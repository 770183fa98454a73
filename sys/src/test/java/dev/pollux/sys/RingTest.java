package dev.pollux.sys;

import static dev.pollux.sys.Sockets.error;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.sys.RingFeatures.Feature;
import dev.pollux.sys.Sockets.Pair;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A real io_uring; skipped, with the reason, where it is refused.
@KernelTest
class RingTest {
  private static final long WAIT_NANOS = 10_000_000_000L;
  private static final RingSetup SMALL = RingSetup.DEFAULT.withPlaces(8, 16);

  private final Sockets sockets = new Sockets();
  private final SyscallLedger ledger = new SyscallLedger();
  private final List<Ring> rings = new ArrayList<>();

  @BeforeEach
  void needsRings() {
    String why = LinuxRing.whyUnavailable();
    assumeTrue(why == null, () -> why);
  }

  @AfterEach
  void close() {
    rings.forEach(Ring::close);
    sockets.close();
  }

  private Ring open(RingSetup setup) throws IOException {
    Ring ring = new CountingRing(LinuxRing.open(sockets.arena, setup), ledger);
    rings.add(ring);
    return ring;
  }

  /// Waits for the next completion.
  private static void awaitNext(Ring ring) {
    if (!ring.next()) {
      int entered = ring.enter(1, WAIT_NANOS);
      assertTrue(entered >= 0, () -> Errno.describe(entered));
      assertTrue(ring.next(), "no completion");
    }
  }

  private static String received(Ring ring) {
    int offset = ring.receivedOffset();
    String text = Sockets.text(ring.receiveMemory().asSlice(offset, ring.result()), ring.result());
    ring.giveBack(offset);
    return text;
  }

  @Test
  void aCompletionBringsOpcodeAndTagBack() throws Exception {
    Ring ring = open(SMALL);
    RingOperations.nop(ring, Ring.MAX_TAG);
    assertFalse(ring.next());
    awaitNext(ring);
    assertEquals(IoUring.IORING_OP_NOP, ring.opcode());
    assertEquals(Ring.MAX_TAG, ring.tag());
    assertEquals(0, ring.result());
    assertFalse(ring.next());
  }

  @Test
  void moreSubmissionsThanPlacesAreSubmittedOnTheWay() throws Exception {
    Ring ring = open(SMALL);
    for (int i = 0; i < 12; i++) {
      RingOperations.nop(ring, i);
    }
    Set<Long> tags = new TreeSet<>();
    while (tags.size() < 12) {
      awaitNext(ring);
      tags.add(ring.tag());
    }
    assertEquals(12, ledger.snapshot().calls(SystemCall.IORING_OP_NOP));
  }

  @Test
  void completionsBeyondTheQueueAreKeptByTheKernel() throws Exception {
    Ring ring = open(SMALL);
    int many = 200;
    for (int i = 0; i < many; i++) {
      RingOperations.nop(ring, i);
    }
    Set<Long> tags = new TreeSet<>();
    while (tags.size() < many) {
      awaitNext(ring);
      tags.add(ring.tag());
    }
    assertFalse(ring.hasNext());
  }

  @Test
  void waitingEndsWithEtimeWhenTheTimeIsOver() throws Exception {
    Ring ring = open(SMALL);
    assertEquals("ETIME", error(ring.enter(1, 1_000_000)));
    assertEquals(0, ring.enter(0, -1));
  }

  @ParameterizedTest
  @EnumSource
  void everyFeatureCanBeDoneWithout(Feature feature) throws Exception {
    Set<Feature> others = EnumSet.complementOf(EnumSet.of(feature));
    assertReceivesAndSends(open(SMALL.withAllowed(others)));
    assertFalse(rings.get(0).features().has(feature));
  }

  @Test
  void aRingWithNoFeatureAtAllWorks() throws Exception {
    assertReceivesAndSends(open(SMALL.withAllowed(Set.of())));
  }

  @Test
  void withDeferredWorkThereIsNoCooperativeOne() throws Exception {
    RingFeatures features = open(SMALL).features();
    assertNotEquals(features.has(Feature.DEFER_TASKRUN), features.has(Feature.COOP_TASKRUN));
  }

  private void assertReceivesAndSends(Ring ring) {
    Pair pair = sockets.pair();
    boolean multishot = ring.features().has(Feature.MULTISHOT_RECV);
    RingOperations.receive(ring, pair.first(), 0, multishot, 7);
    sockets.send(pair.second(), "one");
    awaitNext(ring);
    assertEquals(IoUring.IORING_OP_RECV, ring.opcode());
    assertEquals(7, ring.tag());
    assertEquals(multishot, (ring.flags() & IoUring.IORING_CQE_F_MORE) != 0);
    assertEquals("one", received(ring));

    MemorySegment bytes = sockets.bytes("..two");
    RingOperations.send(ring, pair.first(), 0, bytes, 2, 3, Socket.MSG_NOSIGNAL, 8);
    awaitNext(ring);
    assertEquals(3, ring.result());
    assertEquals("two", sockets.recv(pair.second(), 10, 0));
  }

  @Test
  void aMultishotReceiveGoesOnUntilTheInputEnds() throws Exception {
    Ring ring = open(SMALL);
    assumeTrue(ring.features().has(Feature.MULTISHOT_RECV));
    Pair pair = sockets.pair();
    RingOperations.receive(ring, pair.first(), 0, true, 1);
    for (int i = 0; i < 100; i++) {
      sockets.send(pair.second(), "message " + i);
      awaitNext(ring);
      assertEquals("message " + i, received(ring));
    }
    sockets.kernel.shutdown(pair.second(), Socket.SHUT_WR);
    awaitNext(ring);
    assertEquals(0, ring.result());
    assertEquals(0, ring.flags() & IoUring.IORING_CQE_F_MORE);
    assertEquals(-1, ring.receivedOffset());
  }

  @Test
  void outOfBuffersAReceiveEndsWithEnobufsAndLosesNothing() throws Exception {
    Set<Feature> others = EnumSet.allOf(Feature.class);
    others.remove(Feature.INCREMENTAL_BUFFERS);
    Ring ring = open(SMALL.withReceiveBuffers(1, 512).withAllowed(others));
    Pair pair = sockets.pair();
    RingOperations.receive(ring, pair.first(), 0, true, 1);
    sockets.send(pair.second(), "first");
    awaitNext(ring);
    int held = ring.receivedOffset();
    sockets.send(pair.second(), "second");
    awaitNext(ring);
    assertEquals("ENOBUFS", error(ring.result()));
    assertEquals(0, ring.flags() & IoUring.IORING_CQE_F_MORE);
    ring.giveBack(held);
    RingOperations.receive(ring, pair.first(), 0, true, 1);
    awaitNext(ring);
    assertEquals("second", received(ring));
  }

  @Test
  void receivesFillOneBufferAfterTheOtherAndItComesBackWhenAllIsRead() throws Exception {
    Ring ring = open(SMALL.withReceiveBuffers(1, 512));
    assumeTrue(
        ring.features().has(Feature.INCREMENTAL_BUFFERS), "the kernel has no incremental buffers");
    Pair one = sockets.pair();
    Pair other = sockets.pair();
    RingOperations.receive(ring, one.first(), 0, true, 1);
    RingOperations.receive(ring, other.first(), 0, true, 2);
    sockets.send(one.second(), "first");
    awaitNext(ring);
    int first = ring.receivedOffset();
    sockets.send(other.second(), "second");
    awaitNext(ring);
    int second = ring.receivedOffset();
    assertEquals(first + "first".length(), second);
    sockets.send(one.second(), "x".repeat(512));
    awaitNext(ring);
    int rest = 512 - "firstsecond".length();
    assertEquals(rest, ring.result());
    assertEquals(0, ring.flags() & IoUring.IORING_CQE_F_BUF_MORE);
    assertEquals(second + "second".length(), ring.receivedOffset());
    ring.giveBack(ring.receivedOffset());
    ring.giveBack(first);
    awaitNext(ring);
    assertEquals("ENOBUFS", error(ring.result()), "one part has not been read yet");
    assertEquals("second", Sockets.text(ring.receiveMemory().asSlice(second, 6), 6));
    ring.giveBack(second);
    RingOperations.receive(ring, one.first(), 0, true, 1);
    awaitNext(ring);
    assertEquals("x".repeat(512 - rest), received(ring));
  }

  @Test
  void aVectorCanBeChangedAsSoonAsItIsQueued() throws Exception {
    Ring ring = open(SMALL);
    Pair pair = sockets.pair();
    MemorySegment text = sockets.bytes("abcdef");
    IoVector pieces = IoVector.allocate(sockets.arena, 2);
    pieces.add(text, 4, 2);
    pieces.add(text, 0, 3);
    ring.queueSendmsg(pair.first(), 0, pieces, Socket.MSG_NOSIGNAL, 3);
    pieces.clear();
    pieces.add(text, 1, 1);
    awaitNext(ring);
    assertEquals(5, ring.result());
    assertEquals("efabc", sockets.recv(pair.second(), 10, 0));
    assertEquals(5, ledger.snapshot().bytes(SystemCall.IORING_OP_SENDMSG));
  }

  @Test
  void sendOfARangeOutsideTheBufferIsRefusedBeforeItIsQueued() throws Exception {
    Ring ring = open(SMALL);
    MemorySegment bytes = sockets.bytes("123");
    assertThrows(
        IndexOutOfBoundsException.class, () -> RingOperations.send(ring, 0, 0, bytes, 1, 3, 0, 1));
    MemorySegment heap = MemorySegment.ofArray(new byte[3]);
    assertThrows(
        IllegalArgumentException.class, () -> RingOperations.send(ring, 0, 0, heap, 0, 3, 0, 1));
    assertEquals(0, ring.enter(0, 0));
  }

  @Test
  void cancelledOperationsCompleteWithEcanceled() throws Exception {
    Ring ring = open(SMALL);
    Pair pair = sockets.pair();
    RingOperations.receive(ring, pair.first(), 0, true, 1);
    RingOperations.poll(ring, pair.first(), 0, PollFds.POLLRDHUP, false, 2);
    ring.enter(0, 0);
    RingOperations.cancelAll(ring, pair.first(), false, 3);
    Set<Long> tags = new TreeSet<>();
    for (int i = 0; i < 3; i++) {
      awaitNext(ring);
      tags.add(ring.tag());
      if (ring.opcode() == IoUring.IORING_OP_ASYNC_CANCEL) {
        assertEquals(2, ring.result());
      } else {
        assertEquals("ECANCELED", error(ring.result()));
      }
    }
    assertEquals(Set.of(1L, 2L, 3L), tags);
  }

  @Test
  void acceptsIntoTheRingsOwnTableUntilItIsFull() throws Exception {
    Ring ring = open(SMALL);
    assumeTrue(ring.features().has(Feature.DIRECT_DESCRIPTORS));
    assertEquals(0, ring.registerSparseFiles(1));
    int listener = sockets.listener();
    RingOperations.acceptMultishotDirect(ring, listener, 1);
    ring.enter(0, 0);
    int client = sockets.connectedTo(listener);
    awaitNext(ring);
    assertEquals(0, ring.result(), "the index in the table");
    RingOperations.receive(ring, 0, IoUring.IOSQE_FIXED_FILE, true, 2);
    sockets.send(client, "direct");
    awaitNext(ring);
    assertEquals("direct", received(ring));

    sockets.connectedTo(listener);
    awaitNext(ring);
    assertEquals("ENFILE", error(ring.result()));

    RingOperations.cancelAll(ring, 0, true, 4);
    RingOperations.installFd(ring, 0, 5);
    int installed = -1;
    for (int i = 0; i < 3; i++) {
      awaitNext(ring);
      installed = ring.tag() == 5 ? ring.result() : installed;
    }
    sockets.opened(installed);
    RingOperations.closeDirect(ring, 0, 6);
    ring.enter(0, 0);
    assertFalse(ring.next(), "a success of a close is not told");
    sockets.send(installed, "still open");
    assertEquals("still open", sockets.recv(client, 20, 0));
  }

  @Test
  void aFileGoesFromOneRingsTableToAnothers() throws Exception {
    Ring from = open(SMALL);
    assumeTrue(from.features().has(Feature.DIRECT_DESCRIPTORS));
    Ring to = open(SMALL);
    assertEquals(0, from.registerSparseFiles(2));
    assertEquals(0, to.registerSparseFiles(4));
    RingOperations.socketDirect(from, Socket.AF_INET, Socket.SOCK_STREAM, 1);
    awaitNext(from);
    int index = from.result();
    MemorySegment one = sockets.arena.allocateFrom(ValueLayout.JAVA_INT, 1);
    RingOperations.setsockoptDirect(from, index, 0, Socket.IPPROTO_TCP, Socket.TCP_NODELAY, one, 2);
    awaitNext(from);
    assertEquals(0, from.result());
    RingOperations.sendFile(from, to.fd(), index, 42, 3);
    from.enter(0, 0);
    awaitNext(to);
    assertEquals(42, to.tag());
    int there = to.result();
    awaitNext(from);
    assertTrue(from.result() >= 0, () -> Errno.describe(from.result()));
    RingOperations.installFd(to, there, 4);
    awaitNext(to);
    int fd = sockets.opened(to.result());
    assertEquals(1, sockets.kernel.getsockopt(fd, Socket.IPPROTO_TCP, Socket.TCP_NODELAY));
  }
}
