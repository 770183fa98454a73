package dev.pollux.sys;

import static dev.pollux.sys.Sockets.error;
import static dev.pollux.sys.Sockets.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.sys.Sockets.Pair;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// epoll_create1, epoll_ctl, epoll_wait, and what each of the events means.
@KernelTest
class EpollTest {

  private final Sockets sockets = new Sockets();
  private final Kernel kernel = sockets.kernel;
  private final EpollEvents events = EpollEvents.allocate(sockets.arena, 8);
  private final int epoll = sockets.opened(kernel.epollCreate1(Epoll.EPOLL_CLOEXEC));

  @AfterEach
  void close() {
    sockets.close();
  }

  @Test
  void createWithAnUnknownFlagIsEinval() {
    assertEquals("EINVAL", error(kernel.epollCreate1(1)));
  }

  @Test
  void epollCloexecIsVisibleInTheDescriptorFlags() {
    assertTrue(sockets.isCloseOnExec(epoll));
    assertFalse(sockets.isCloseOnExec(sockets.opened(kernel.epollCreate1(0))));
  }

  @Test
  void ctlTellsWhatIsWrong() {
    int fd = sockets.tcp();
    assertEquals("ENOENT", error(ctl(Epoll.EPOLL_CTL_MOD, fd, 0)));
    assertEquals("ENOENT", error(ctl(Epoll.EPOLL_CTL_DEL, fd, 0)));
    assertEquals("EINVAL", error(ctl(99, fd, 0)));
    assertEquals("EINVAL", error(ctl(Epoll.EPOLL_CTL_ADD, epoll, 0)));
    assertEquals(0, ctl(Epoll.EPOLL_CTL_ADD, fd, 0));
    assertEquals("EEXIST", error(ctl(Epoll.EPOLL_CTL_ADD, fd, 0)));
    assertEquals("EBADF", error(ctl(Epoll.EPOLL_CTL_ADD, -1, 0)));
  }

  @Test
  void epollsThatWatchEachOtherAreEloop() {
    int other = sockets.opened(kernel.epollCreate1(0));
    add(other, Epoll.EPOLLIN);
    assertEquals(
        "ELOOP", error(kernel.epollCtl(other, Epoll.EPOLL_CTL_ADD, epoll, Epoll.EPOLLIN, 0)));
  }

  @Test
  void waitOnADescriptorThatIsNoEpollIsEinval() {
    assertEquals("EINVAL", error(kernel.epollWait(sockets.tcp(), events, 0)));
  }

  @Test
  void waitOnAClosedDescriptorIsEbadf() {
    assertEquals("EBADF", error(kernel.epollWait(sockets.closedDescriptor(), events, 0)));
  }

  @Test
  void waitWaitsAsLongAsAskedTo() {
    long start = System.nanoTime();
    assertEquals(0, kernel.epollWait(epoll, events, 30));
    assertTrue(System.nanoTime() - start >= 30_000_000);
  }

  @Test
  void allSixtyFourBitsOfTheDataComeBackWithEachEvent() {
    long[] data = {0xfedc_ba98_7654_3210L, -1, 1};
    for (long value : data) {
      int fd = sockets.eventFd(1, 0);
      ok(kernel.epollCtl(epoll, Epoll.EPOLL_CTL_ADD, fd, Epoll.EPOLLIN, value));
    }
    assertEquals(data.length, kernel.epollWait(epoll, events, -1));
    for (int i = 0; i < data.length; i++) {
      assertEquals(Epoll.EPOLLIN, events.events(i));
      assertEquals(data[i], events.data(i));
    }
  }

  @Test
  void waitReportsNoMoreThanTheArrayHolds() {
    EpollEvents one = EpollEvents.allocate(sockets.arena, 1);
    add(sockets.eventFd(1, 0), Epoll.EPOLLIN);
    add(sockets.eventFd(1, 0), Epoll.EPOLLIN);
    assertEquals(1, kernel.epollWait(epoll, one, 0));
  }

  @Test
  void aDeletedDescriptorIsWatchedNoMore() {
    int fd = sockets.eventFd(1, 0);
    add(fd, Epoll.EPOLLIN);
    assertEquals(Epoll.EPOLLIN, next());
    ok(ctl(Epoll.EPOLL_CTL_DEL, fd, 0));
    assertEquals(0, next());
  }

  @Test
  void modChangesTheInterest() {
    Pair pair = sockets.pair();
    add(pair.first(), Epoll.EPOLLIN);
    assertEquals(0, next());
    ok(ctl(Epoll.EPOLL_CTL_MOD, pair.first(), Epoll.EPOLLOUT));
    assertEquals(Epoll.EPOLLOUT, next());
  }

  @Test
  void levelTellsOfUndrainedDataAgain() {
    add(sockets.eventFd(1, 0), Epoll.EPOLLIN);
    assertEquals(Epoll.EPOLLIN, next());
    assertEquals(Epoll.EPOLLIN, next());
  }

  @Test
  void epolletTellsOfUndrainedDataOnce() {
    Pair pair = sockets.pair();
    add(pair.second(), Epoll.EPOLLIN | Epoll.EPOLLET);
    sockets.send(pair.first(), "a");
    assertEquals(Epoll.EPOLLIN, awaitNext());
    assertEquals(0, next());
    sockets.send(pair.first(), "b");
    assertEquals(Epoll.EPOLLIN, awaitNext());
  }

  @Test
  void epolloneshotIsSilentUntilModified() {
    int fd = sockets.eventFd(1, 0);
    add(fd, Epoll.EPOLLIN | Epoll.EPOLLONESHOT);
    assertEquals(Epoll.EPOLLIN, next());
    assertEquals(0, next());
    ok(ctl(Epoll.EPOLL_CTL_MOD, fd, Epoll.EPOLLIN | Epoll.EPOLLONESHOT));
    assertEquals(Epoll.EPOLLIN, next());
  }

  @Test
  void epollrdhupTellsOfAHalfClose() {
    Pair pair = sockets.pair();
    add(pair.second(), Epoll.EPOLLRDHUP);
    assertEquals(0, next());
    ok(kernel.shutdown(pair.first(), Socket.SHUT_WR));
    assertEquals(Epoll.EPOLLRDHUP, awaitNext());
  }

  @Test
  void epollhupIsReportedUnasked() {
    Pair pipe = sockets.pipe(0);
    add(pipe.first(), 0);
    sockets.close(pipe.second());
    assertEquals(Epoll.EPOLLHUP, awaitNext());
  }

  @Test
  void epollerrIsReportedUnasked() {
    Pair pipe = sockets.pipe(0);
    add(pipe.second(), 0);
    sockets.close(pipe.first());
    assertEquals(Epoll.EPOLLERR, awaitNext());
  }

  @Test
  void epollexclusiveCannotBeModified() {
    int fd = sockets.eventFd(1, 0);
    add(fd, Epoll.EPOLLIN | Epoll.EPOLLEXCLUSIVE);
    assertEquals(Epoll.EPOLLIN, next());
    assertEquals("EINVAL", error(ctl(Epoll.EPOLL_CTL_MOD, fd, Epoll.EPOLLIN)));
  }

  private void add(int fd, int interest) {
    assertEquals(0, ctl(Epoll.EPOLL_CTL_ADD, fd, interest));
  }

  private int ctl(int operation, int fd, int interest) {
    return kernel.epollCtl(epoll, operation, fd, interest, fd);
  }

  /// The events of the first descriptor that is ready now, 0 if there is none.
  private int next() {
    return ok(kernel.epollWait(epoll, events, 0)) == 0 ? 0 : events.events(0);
  }

  private int awaitNext() {
    assertEquals(1, kernel.epollWait(epoll, events, Sockets.WAIT_MILLIS));
    return events.events(0);
  }
}
