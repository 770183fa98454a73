package dev.pollux.sys;

import static dev.pollux.sys.Sockets.error;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.sys.Sockets.Pair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// select.
@KernelTest
class SelectTest {

  private final Sockets sockets = new Sockets();
  private final Kernel kernel = sockets.kernel;
  private final FdSet read = FdSet.allocate(sockets.arena);
  private final FdSet write = FdSet.allocate(sockets.arena);

  @AfterEach
  void close() {
    sockets.close();
  }

  @Test
  void selectOfAClosedDescriptorIsEbadf() {
    int fd = sockets.closedDescriptor();
    read.set(fd);
    assertEquals("EBADF", error(kernel.select(fd + 1, read, null, null, 0)));
  }

  @Test
  void selectOfANegativeCountIsEinval() {
    assertEquals("EINVAL", error(kernel.select(-1, read, null, null, 0)));
  }

  @Test
  void selectOfMoreThanASetHoldsIsRefusedBeforeTheKernel() {
    assertEquals(0, kernel.select(FdSet.FD_SETSIZE, read, null, null, 0));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> kernel.select(FdSet.FD_SETSIZE + 1, read, null, null, 0));
  }

  @Test
  void selectLeavesInEachSetWhatIsReady() {
    Pair pair = sockets.pair();
    sockets.send(pair.first(), "x");
    sockets.await(pair.second(), PollFds.POLLIN);
    read.set(pair.first());
    read.set(pair.second());
    write.set(pair.first());
    FdSet except = FdSet.allocate(sockets.arena);
    except.set(pair.first());
    int count = Math.max(pair.first(), pair.second()) + 1;
    assertEquals(2, kernel.select(count, read, write, except, -1));
    assertFalse(read.isSet(pair.first()));
    assertTrue(read.isSet(pair.second()));
    assertTrue(write.isSet(pair.first()));
    assertFalse(except.isSet(pair.first()));
  }

  @Test
  void descriptorsFromTheCountOnAreNotLookedAt() {
    Pair pair = sockets.pair();
    write.set(pair.first());
    assertEquals(0, kernel.select(pair.first(), null, write, null, 0));
  }

  @Test
  void selectWaitsAsLongAsAskedTo() {
    Pair pipe = sockets.pipe(0);
    read.set(pipe.first());
    long start = System.nanoTime();
    assertEquals(0, kernel.select(pipe.first() + 1, read, null, null, 30_000));
    assertTrue(System.nanoTime() - start >= 30_000_000);
    assertFalse(read.isSet(pipe.first()));
  }

  @Test
  void aTimeoutAboveASecondIsSplitAsTheKernelWantsIt() {
    Pair pipe = sockets.pipe(0);
    write.set(pipe.second());
    // Micros of a million and more in one field would be EINVAL.
    assertEquals(1, kernel.select(pipe.second() + 1, null, write, null, 2_500_000));
  }

  @Test
  void theKernelTakesADescriptorThatNoSetHolds() {
    Pair pipe = sockets.pipe(0);
    int high = kernel.fcntl(pipe.second(), Fcntl.F_DUPFD_CLOEXEC, FdSet.FD_SETSIZE);
    assumeTrue(high != -Errno.EINVAL, "RLIMIT_NOFILE is not above FD_SETSIZE here");
    sockets.opened(high);
    assertTrue(high >= FdSet.FD_SETSIZE);
    var thrown = assertThrows(IndexOutOfBoundsException.class, () -> write.set(high));
    assertTrue(String.valueOf(thrown.getMessage()).contains("FD_SETSIZE"), thrown::toString);
    assertEquals(PollFds.POLLOUT, sockets.await(high, PollFds.POLLOUT));
    // The limit is the C library's type: the kernel takes a larger set.
    FdSet larger = FdSet.allocate(sockets.arena, 2 * FdSet.FD_SETSIZE);
    larger.set(high);
    assertEquals(1, kernel.select(high + 1, null, larger, null, 0));
    assertTrue(larger.isSet(high));
  }
}
