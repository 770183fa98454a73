package dev.pollux.sys;

import static dev.pollux.sys.Sockets.error;
import static dev.pollux.sys.Sockets.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.sys.Sockets.Pair;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// poll, and what each of its events means.
@KernelTest
class PollTest {

  private final Sockets sockets = new Sockets();
  private final Kernel kernel = sockets.kernel;

  @AfterEach
  void close() {
    sockets.close();
  }

  @Test
  void pollOfMoreThanTheLimitOfDescriptorsIsEinval() {
    long[] limits = new long[2];
    ok(kernel.getrlimit(Rlimit.RLIMIT_NOFILE, limits));
    assumeTrue(
        limits[0] > 0 && limits[0] < 1 << 24, () -> "RLIMIT_NOFILE is too great: " + limits[0]);
    int count = (int) limits[0] + 1;
    try (Arena arena = Arena.ofConfined()) {
      PollFds fds = PollFds.allocate(arena, count);
      for (int i = 0; i < count; i++) {
        fds.set(i, -1, 0);
      }
      assertEquals("EINVAL", error(kernel.poll(fds, count, 0)));
      assertEquals(0, kernel.poll(fds, count - 1, 0));
    }
  }

  @Test
  void pollOfMoreThanTheArrayHoldsIsRefusedBeforeTheKernel() {
    PollFds fds = PollFds.allocate(sockets.arena, 2);
    assertThrows(IndexOutOfBoundsException.class, () -> kernel.poll(fds, 3, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> kernel.poll(fds, -1, 0));
  }

  @Test
  void pollFillsTheResultsOfTheFirstEntriesOnly() {
    Pair pair = sockets.pair();
    PollFds fds = PollFds.allocate(sockets.arena, 3);
    fds.set(0, pair.first(), PollFds.POLLIN);
    fds.set(1, pair.first(), PollFds.POLLIN | PollFds.POLLOUT);
    fds.set(2, pair.first(), PollFds.POLLOUT);
    assertEquals(1, kernel.poll(fds, 2, -1));
    assertEquals(0, fds.revents(0));
    assertEquals(PollFds.POLLOUT, fds.revents(1));
    assertEquals(0, fds.revents(2));
  }

  @Test
  void pollWaitsAsLongAsAskedTo() {
    PollFds fds = PollFds.allocate(sockets.arena, 1);
    fds.set(0, sockets.pipe(0).first(), PollFds.POLLIN);
    long start = System.nanoTime();
    assertEquals(0, kernel.poll(fds, 1, 30));
    assertTrue(System.nanoTime() - start >= 30_000_000);
  }

  @Test
  void pollinTellsThatThereIsSomethingToRead() {
    Pair pair = sockets.pair();
    assertEquals(0, sockets.ready(pair.second(), PollFds.POLLIN));
    sockets.send(pair.first(), "x");
    assertEquals(PollFds.POLLIN, sockets.await(pair.second(), PollFds.POLLIN));
  }

  @Test
  void polloutTellsThatWritingDoesNotWait() {
    Pair pipe = sockets.pipe(Fcntl.O_NONBLOCK);
    assertEquals(PollFds.POLLOUT, sockets.ready(pipe.second(), PollFds.POLLOUT));
    var block = sockets.arena.allocate(1 << 20);
    ok(kernel.write(pipe.second(), block, 0, block.byteSize()));
    assertEquals(0, sockets.ready(pipe.second(), PollFds.POLLOUT));
  }

  @Test
  void pollrdhupTellsThatThePeerSendsNoMore() {
    Pair pair = sockets.pair();
    assertEquals(0, sockets.ready(pair.second(), PollFds.POLLRDHUP));
    ok(kernel.shutdown(pair.first(), Socket.SHUT_WR));
    assertEquals(PollFds.POLLRDHUP, sockets.await(pair.second(), PollFds.POLLRDHUP));
  }

  @Test
  void pollhupIsReportedUnasked() {
    Pair pipe = sockets.pipe(0);
    sockets.close(pipe.second());
    assertEquals(PollFds.POLLHUP, sockets.await(pipe.first(), 0));
  }

  @Test
  void pollerrIsReportedUnasked() {
    Pair pipe = sockets.pipe(0);
    sockets.close(pipe.first());
    assertEquals(PollFds.POLLERR, sockets.await(pipe.second(), 0));
  }

  @Test
  void pollnvalTellsThatTheDescriptorIsClosed() {
    assertEquals(PollFds.POLLNVAL, sockets.await(sockets.closedDescriptor(), PollFds.POLLIN));
  }

  @Test
  void aNegativeDescriptorIsPassedOver() {
    assertEquals(0, sockets.ready(-1, PollFds.POLLIN));
  }
}
