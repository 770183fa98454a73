package dev.pollux.sys;

import static dev.pollux.sys.Sockets.error;
import static dev.pollux.sys.Sockets.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.sys.Sockets.Pair;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// fcntl, eventfd, pipe2, getrlimit.
@KernelTest
class DescriptorTest {

  private final Sockets sockets = new Sockets();
  private final Kernel kernel = sockets.kernel;
  private final MemorySegment counter = sockets.arena.allocate(ValueLayout.JAVA_LONG);

  @AfterEach
  void close() {
    sockets.close();
  }

  @Test
  void fcntlOfAClosedDescriptorIsEbadf() {
    assertEquals("EBADF", error(kernel.fcntl(sockets.closedDescriptor(), Fcntl.F_GETFL, 0)));
  }

  @Test
  void fcntlOfAnUnknownCommandIsEinval() {
    assertEquals("EINVAL", error(kernel.fcntl(sockets.tcp(), 9999, 0)));
  }

  @Test
  void setflNonblockMakesReadGiveEagain() {
    Pair pipe = sockets.pipe(0);
    assertFalse(sockets.isNonBlocking(pipe.first()));
    ok(kernel.fcntl(pipe.first(), Fcntl.F_SETFL, Fcntl.O_NONBLOCK));
    assertTrue(sockets.isNonBlocking(pipe.first()));
    assertEquals("EAGAIN", error(kernel.read(pipe.first(), counter)));
  }

  @Test
  void setfdSetsAndClearsCloseOnExec() {
    int fd = sockets.tcp();
    ok(kernel.fcntl(fd, Fcntl.F_SETFD, Fcntl.FD_CLOEXEC));
    assertTrue(sockets.isCloseOnExec(fd));
    ok(kernel.fcntl(fd, Fcntl.F_SETFD, 0));
    assertFalse(sockets.isCloseOnExec(fd));
  }

  @Test
  void dupfdGivesADescriptorThatIsNotBelowTheArgument() {
    int fd = sockets.eventFd(0, EventFd.EFD_NONBLOCK);
    int copy = sockets.opened(kernel.fcntl(fd, Fcntl.F_DUPFD_CLOEXEC, 500));
    assertTrue(copy >= 500);
    assertTrue(sockets.isCloseOnExec(copy));
    add(copy, 3);
    assertEquals(3, take(fd));
  }

  @Test
  void anEventfdWithAnUnknownFlagIsEinval() {
    assertEquals("EINVAL", error(kernel.eventfd(0, 2)));
  }

  @Test
  void anEventfdGivesItsSumAtOnce() {
    int fd = sockets.eventFd(5, EventFd.EFD_NONBLOCK);
    add(fd, 2);
    assertEquals(7, take(fd));
    assertEquals("EAGAIN", error(kernel.read(fd, counter)));
  }

  @Test
  void efdNonblockIsVisibleInTheFlags() {
    assertFalse(sockets.isNonBlocking(sockets.eventFd(0, 0)));
    assertTrue(sockets.isNonBlocking(sockets.eventFd(0, EventFd.EFD_NONBLOCK)));
  }

  @Test
  void efdCloexecIsVisibleInTheDescriptorFlags() {
    assertFalse(sockets.isCloseOnExec(sockets.eventFd(0, 0)));
    assertTrue(sockets.isCloseOnExec(sockets.eventFd(0, EventFd.EFD_CLOEXEC)));
  }

  @Test
  void efdSemaphoreTakesOneAtATime() {
    int fd = sockets.eventFd(2, EventFd.EFD_NONBLOCK | EventFd.EFD_SEMAPHORE);
    assertEquals(1, take(fd));
    assertEquals(1, take(fd));
    assertEquals("EAGAIN", error(kernel.read(fd, counter)));
  }

  @Test
  void anEventfdWantsEightBytes() {
    int fd = sockets.eventFd(1, EventFd.EFD_NONBLOCK);
    assertEquals("EINVAL", error(kernel.read(fd, counter.asSlice(0, 4))));
    assertEquals("EINVAL", error(kernel.write(fd, counter, 0, 4)));
  }

  @Test
  void aPipeWithAnUnknownFlagIsEinvalAndLeavesTheArrayAlone() {
    int[] ends = {-7, -8};
    assertEquals("EINVAL", error(kernel.pipe2(ends, 1)));
    assertEquals(-7, ends[0]);
    assertEquals(-8, ends[1]);
  }

  @Test
  void theFlagsOfAPipeAreThoseOfBothEnds() {
    Pair plain = sockets.pipe(0);
    assertFalse(sockets.isNonBlocking(plain.first()) || sockets.isNonBlocking(plain.second()));
    assertFalse(sockets.isCloseOnExec(plain.first()) || sockets.isCloseOnExec(plain.second()));
    Pair both = sockets.pipe(Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC);
    assertTrue(sockets.isNonBlocking(both.first()) && sockets.isNonBlocking(both.second()));
    assertTrue(sockets.isCloseOnExec(both.first()) && sockets.isCloseOnExec(both.second()));
  }

  @Test
  void aLimitOfAnUnknownResourceIsEinval() {
    assertEquals("EINVAL", error(kernel.getrlimit(999, new long[2])));
  }

  @Test
  void theLimitsAreThoseOfProc() throws IOException {
    assertEquals(limits("Max open files"), read(Rlimit.RLIMIT_NOFILE));
    assertEquals(limits("Max processes"), read(Rlimit.RLIMIT_NPROC));
  }

  /// Soft and hard limit as `/proc/self/limits` writes them.
  private static String limits(String name) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
      if (line.startsWith(name)) {
        String[] words = line.substring(name.length()).strip().split(" +", -1);
        return words[0] + " " + words[1];
      }
    }
    throw new AssertionError(name);
  }

  private String read(int resource) {
    long[] limits = new long[2];
    assertEquals(0, kernel.getrlimit(resource, limits));
    return word(limits[0]) + " " + word(limits[1]);
  }

  private static String word(long limit) {
    return limit == Rlimit.INFINITY ? "unlimited" : Long.toString(limit);
  }

  private void add(int fd, long amount) {
    counter.set(ValueLayout.JAVA_LONG, 0, amount);
    assertEquals(8, kernel.write(fd, counter, 0, 8));
  }

  private long take(int fd) {
    assertEquals(8, kernel.read(fd, counter));
    return counter.get(ValueLayout.JAVA_LONG, 0);
  }
}
