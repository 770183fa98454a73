package dev.pollux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.sys.RingFeatures.Feature;
import dev.pollux.sys.Sockets.Pair;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The lines of a real ring; skipped, with the reason, where there is none.
@KernelTest
class TracingRingTest {
  private static final long WAIT_NANOS = 10_000_000_000L;

  private final Sockets sockets = new Sockets();
  private final List<String> lines = new ArrayList<>();
  private final Ring ring;

  TracingRingTest() throws IOException {
    String why = LinuxRing.whyUnavailable();
    assumeTrue(why == null, () -> why);
    ring = open(RingSetup.DEFAULT.withPlaces(8, 16));
  }

  private Ring open(RingSetup setup) throws IOException {
    return new TracingRing(LinuxRing.open(sockets.arena, setup), lines::add);
  }

  @BeforeEach
  void begin() {
    lines.clear();
  }

  @AfterEach
  void close() {
    ring.close();
    sockets.close();
  }

  private void expect(String... expected) {
    assertEquals(List.of(expected), lines);
    lines.clear();
  }

  private String entered(int submitted) {
    return "io_uring_enter("
        + ring.fd()
        + ", "
        + submitted
        + ", 1, IORING_ENTER_GETEVENTS|IORING_ENTER_EXT_ARG, {ts={tv_sec=10, tv_nsec=0}}, 24) = "
        + submitted;
  }

  @Test
  void theSetUpSaysWhatIsUsed() throws Exception {
    Ring other = open(RingSetup.DEFAULT.withPlaces(16, 32));
    int fd = other.fd();
    expect("io_uring_setup(16, {cq_entries=32, uses " + other.features().names() + "}) = " + fd);
    other.close();
    expect("close(" + fd + ") = 0");
  }

  @Test
  void aReceiveIsSubmittedEnteredAndCompleted() {
    assumeTrue(ring.features().has(Feature.MULTISHOT_RECV));
    Pair pair = sockets.pair();
    int fd = pair.first();
    RingOperations.receive(ring, fd, 0, true, 7);
    sockets.send(pair.second(), "hello\n");
    ring.enter(1, WAIT_NANOS);
    assertTrue(ring.next());
    expect(
        "sqe {IORING_OP_RECV, flags=IOSQE_BUFFER_SELECT, fd="
            + fd
            + ", ioprio=IORING_RECV_MULTISHOT, len=0, user_data=0x1b00000000000007}",
        entered(1),
        "cqe {IORING_OP_RECV, user_data=0x1b00000000000007, res=6,"
            + " flags=IORING_CQE_F_BUFFER|IORING_CQE_F_MORE"
            + (ring.features().has(Feature.INCREMENTAL_BUFFERS) ? "|IORING_CQE_F_BUF_MORE" : "")
            + ", buffer=0, \"hello\\n\"}");
    ring.giveBack(ring.receivedOffset());
    sockets.kernel.shutdown(pair.second(), Socket.SHUT_WR);
    ring.enter(1, WAIT_NANOS);
    assertTrue(ring.next());
    assertEquals(entered(0), lines.get(0));
    // Some kernels say IORING_CQE_F_SOCK_NONEMPTY of an end of input.
    assertTrue(
        lines.get(1).startsWith("cqe {IORING_OP_RECV, user_data=0x1b00000000000007, res=0"),
        lines.get(1));
  }

  @Test
  void sendsShowTheirBytesAndPieces() {
    Pair pair = sockets.pair();
    int fd = pair.first();
    MemorySegment text = sockets.bytes("..hello");
    RingOperations.send(ring, fd, 0, text, 2, 5, Socket.MSG_NOSIGNAL, 1);
    expect(
        "sqe {IORING_OP_SEND, fd="
            + fd
            + ", \"hello\", len=5, msg_flags=MSG_NOSIGNAL, user_data=0x1a00000000000001}");
    IoVector pieces = IoVector.allocate(sockets.arena, 2);
    pieces.add(text, 2, 1);
    pieces.add(text, 3, 4);
    ring.queueSendmsg(fd, IoUring.IOSQE_IO_LINK, pieces, 0, 2);
    expect(
        "sqe {IORING_OP_SENDMSG, flags=IOSQE_IO_LINK, fd="
            + fd
            + ", {msg_iov=[{iov_base=\"h\", iov_len=1}, {iov_base=\"ello\", iov_len=4}],"
            + " msg_iovlen=2}, user_data=0x900000000000002}");
    ring.enter(2, WAIT_NANOS);
    assertTrue(ring.next());
    assertTrue(ring.next());
    assertEquals("cqe {IORING_OP_SEND, user_data=0x1a00000000000001, res=5}", lines.get(1));
    assertEquals("hellohello", sockets.recv(pair.second(), 20, 0));
  }

  @Test
  void whatFailsIsNamed() {
    RingOperations.cancel(ring, IoUring.IORING_OP_RECV, 9, 3);
    ring.enter(1, WAIT_NANOS);
    assertTrue(ring.next());
    assertEquals(
        "cqe {IORING_OP_ASYNC_CANCEL, user_data=0xe00000000000003, res=-ENOENT}", lines.get(2));
  }

  @Test
  void theOtherOperationsHaveTheirOwnMembers() {
    RingOperations.acceptMultishot(ring, 3, Socket.SOCK_CLOEXEC, 1);
    RingOperations.acceptMultishotDirect(ring, 3, 1);
    RingOperations.poll(ring, 4, 0, PollFds.POLLIN, true, 1);
    RingOperations.cancel(ring, IoUring.IORING_OP_RECV, 9, 1);
    RingOperations.shutdown(ring, 5, IoUring.IOSQE_FIXED_FILE, Socket.SHUT_WR, 1);
    RingOperations.closeDirect(ring, 5, 1);
    RingOperations.nop(ring, 1);
    expect(
        "sqe {IORING_OP_ACCEPT, fd=3, ioprio=IORING_ACCEPT_MULTISHOT, accept_flags=SOCK_CLOEXEC,"
            + " user_data=0xd00000000000001}",
        "sqe {IORING_OP_ACCEPT, fd=3, ioprio=IORING_ACCEPT_MULTISHOT,"
            + " file_index=IORING_FILE_INDEX_ALLOC, user_data=0xd00000000000001}",
        "sqe {IORING_OP_POLL_ADD, fd=4, len=IORING_POLL_ADD_MULTI, poll_events=POLLIN,"
            + " user_data=0x600000000000001}",
        "sqe {IORING_OP_ASYNC_CANCEL, fd=-1, addr=0x1b00000000000009,"
            + " user_data=0xe00000000000001}",
        "sqe {IORING_OP_SHUTDOWN, flags=IOSQE_FIXED_FILE, fd=5, how=SHUT_WR,"
            + " user_data=0x2200000000000001}",
        "sqe {IORING_OP_CLOSE, flags=IOSQE_CQE_SKIP_SUCCESS, fd=0, file_index=6,"
            + " user_data=0x1300000000000001}",
        "sqe {IORING_OP_NOP, fd=-1, user_data=0x1}");
  }

  @Test
  void aTableOfFilesIsRegistered() {
    assertEquals(0, ring.registerSparseFiles(16));
    expect(
        "io_uring_register("
            + ring.fd()
            + ", IORING_REGISTER_FILES2, {nr=16, flags=IORING_RSRC_REGISTER_SPARSE}, 32) = 0");
  }
}
