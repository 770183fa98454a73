package dev.pollux.sys;

import static dev.pollux.sys.Sockets.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.pollux.sys.Sockets.Pair;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A call allocates nothing once it is compiled, counted as it always is.
@Tag("allocation")
@KernelTest
class AllocationTest {

  private static final int CALLS = 20_000;
  private static final int ROUNDS = 200;
  private static final long WAIT_NANOS = 10_000_000_000L;

  private final Sockets sockets = new Sockets();
  private final SyscallLedger ledger = new SyscallLedger();
  private final Kernel kernel = new CountingKernel(sockets.kernel, ledger);
  private final MemorySegment buffer = sockets.arena.allocate(64);

  @AfterEach
  void close() {
    sockets.close();
  }

  @Test
  void recvThatFindsNothing() {
    int fd = sockets.pair().first();
    assertAllocatesNothing(-Errno.EAGAIN, () -> kernel.recv(fd, buffer, Socket.MSG_DONTWAIT));
  }

  @Test
  void sendOfARangeAndRecv() {
    Pair pair = sockets.pair();
    assertAllocatesNothing(
        17,
        () -> {
          kernel.send(pair.first(), buffer, 3, 17, Socket.MSG_NOSIGNAL);
          return kernel.recv(pair.second(), buffer, 0);
        });
  }

  @Test
  void sendmsgAndRecv() {
    Pair pair = sockets.pair();
    IoVector pieces = IoVector.allocate(sockets.arena, 2);
    assertAllocatesNothing(
        15,
        () -> {
          pieces.clear();
          pieces.add(buffer, 0, 10);
          pieces.add(buffer, 20, 5);
          kernel.sendmsg(pair.first(), pieces, Socket.MSG_NOSIGNAL);
          return kernel.recv(pair.second(), buffer, 0);
        });
  }

  @Test
  void writeAndReadOfAnEventfd() {
    int fd = sockets.eventFd(0, EventFd.EFD_NONBLOCK);
    buffer.set(ValueLayout.JAVA_LONG, 8, 1);
    MemorySegment counter = buffer.asSlice(0, 8);
    assertAllocatesNothing(
        8,
        () -> {
          kernel.write(fd, buffer, 8, 8);
          return kernel.read(fd, counter);
        });
  }

  @Test
  void acceptThatFindsNobody() {
    int listener = sockets.listener();
    sockets.nonBlocking(listener);
    SockAddr peer = SockAddr.allocate(sockets.arena);
    assertAllocatesNothing(-Errno.EAGAIN, () -> kernel.accept4(listener, peer, 0));
  }

  @Test
  void epollWaitAndCtl() {
    int epoll = sockets.opened(kernel.epollCreate1(0));
    int fd = sockets.eventFd(1, 0);
    ok(kernel.epollCtl(epoll, Epoll.EPOLL_CTL_ADD, fd, Epoll.EPOLLIN, 1));
    EpollEvents events = EpollEvents.allocate(sockets.arena, 8);
    assertAllocatesNothing(
        Epoll.EPOLLIN,
        () -> {
          kernel.epollCtl(epoll, Epoll.EPOLL_CTL_MOD, fd, Epoll.EPOLLIN, 2);
          kernel.epollWait(epoll, events, 0);
          return events.events(0);
        });
  }

  @Test
  void poll() {
    PollFds fds = PollFds.allocate(sockets.arena, 2);
    int fd = sockets.eventFd(1, 0);
    assertAllocatesNothing(
        1,
        () -> {
          fds.set(0, fd, PollFds.POLLIN);
          fds.set(1, -1, 0);
          return kernel.poll(fds, 2, 0);
        });
  }

  @Test
  void select() {
    FdSet wanted = FdSet.allocate(sockets.arena);
    FdSet ready = FdSet.allocate(sockets.arena);
    int fd = sockets.eventFd(1, 0);
    wanted.set(fd);
    assertAllocatesNothing(
        1,
        () -> {
          ready.copyFrom(wanted, fd + 1);
          return kernel.select(fd + 1, ready, null, null, 0);
        });
  }

  @Test
  void anEchoThroughARing() throws IOException {
    String why = LinuxRing.whyUnavailable();
    assumeTrue(why == null, () -> why);
    try (Ring ring = new CountingRing(LinuxRing.open(sockets.arena, RingSetup.DEFAULT), ledger)) {
      Pair pair = sockets.pair();
      RingOperations.receive(ring, pair.first(), 0, true, 1);
      assertAllocatesNothing(
          64,
          () -> {
            kernel.send(pair.second(), buffer, 0, 64, 0);
            echo(ring, pair.first());
            return kernel.recv(pair.second(), buffer, 0);
          });
    }
  }

  private void echo(Ring ring, int fd) {
    ring.enter(1, WAIT_NANOS);
    while (ring.next()) {
      if (ring.opcode() == IoUring.IORING_OP_RECV) {
        int offset = ring.receivedOffset();
        RingOperations.send(ring, fd, 0, buffer, 0, ring.result(), 0, 2);
        ring.giveBack(offset);
      }
    }
    ring.enter(1, WAIT_NANOS);
    while (ring.next()) {
      assertEquals(64, ring.result());
    }
  }

  /// Rounds, because nobody says when the compiler is done.
  private static void assertAllocatesNothing(int expected, IntSupplier call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytes = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        if (call.getAsInt() != expected) {
          assertEquals(expected, call.getAsInt());
        }
      }
      bytes = threads.getCurrentThreadAllocatedBytes() - before;
      if (bytes < CALLS) {
        return;
      }
    }
    fail((double) bytes / CALLS + " bytes per call");
  }
}
