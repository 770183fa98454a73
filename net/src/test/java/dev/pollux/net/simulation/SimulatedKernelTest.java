package dev.pollux.net.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.sys.Epoll;
import dev.pollux.sys.EpollEvents;
import dev.pollux.sys.Errno;
import dev.pollux.sys.EventFd;
import dev.pollux.sys.FdSet;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.LinuxKernel;
import dev.pollux.sys.PollFds;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// What loops rely upon, asked of the real kernel and of the simulated one: the same answers.
@ParameterizedClass(name = "{0} kernel")
@ValueSource(strings = {"real", "simulated"})
@SuppressWarnings("NullAway.Init") // JUnit and the method before each test set the fields.
class SimulatedKernelTest {
  private static final int IN = Epoll.EPOLLIN;
  private static final int OUT = Epoll.EPOLLOUT;
  private static final int RDHUP = Epoll.EPOLLRDHUP;
  private static final int HUP = Epoll.EPOLLHUP;
  private static final int ERR = Epoll.EPOLLERR;
  private static final int ET = Epoll.EPOLLET;
  private static final int SOON_MILLIS = 2_000;

  @Parameter String which;

  private final Arena arena = Arena.ofConfined();
  private final List<Integer> opened = new ArrayList<>();
  private Kernel kernel;
  private MemorySegment buffer;
  private EpollEvents events;
  private int near;
  private int far;
  private int listening;

  @BeforeEach
  void connect() {
    kernel = which.equals("real") ? new LinuxKernel(arena) : simulated();
    buffer = arena.allocate(64 * 1024);
    events = EpollEvents.allocate(arena, 16);
    listening = open(kernel.socket(Socket.AF_INET, Socket.SOCK_STREAM | Socket.SOCK_NONBLOCK, 0));
    SockAddr address =
        SockAddr.of(arena, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    assertEquals(0, kernel.bind(listening, address));
    assertEquals(0, kernel.listen(listening, 16));
    assertEquals(-Errno.EAGAIN, kernel.accept4(listening, null, Socket.SOCK_NONBLOCK));
    assertEquals(0, kernel.getsockname(listening, address));
    near = open(kernel.socket(Socket.AF_INET, Socket.SOCK_STREAM | Socket.SOCK_NONBLOCK, 0));
    assertEquals(-Errno.EINPROGRESS, kernel.connect(near, address));
    assertEquals(PollFds.POLLIN, poll(listening, PollFds.POLLIN));
    far = open(kernel.accept4(listening, null, Socket.SOCK_NONBLOCK));
    assertEquals(PollFds.POLLOUT, poll(near, PollFds.POLLOUT));
    assertEquals(0, kernel.connect(near, address));
    assertEquals(-Errno.EISCONN, kernel.connect(near, address));
  }

  private static Kernel simulated() {
    Agenda agenda = new Agenda();
    return new SimulatedKernel(
        agenda, new Network(agenda, new Chance(1)), new Chance(2), Faults.NONE, new CallLog(false));
  }

  @AfterEach
  void closeAll() {
    opened.forEach(kernel::close);
    arena.close();
  }

  private int open(int fd) {
    assertTrue(fd >= 0, () -> Errno.describe(fd));
    opened.add(fd);
    return fd;
  }

  private void close(int fd) {
    opened.remove(Integer.valueOf(fd));
    assertEquals(0, kernel.close(fd));
  }

  private int poll(int fd, int interest) {
    PollFds one = PollFds.allocate(arena, 1);
    one.set(0, fd, interest);
    return kernel.poll(one, 1, SOON_MILLIS) == 1 ? one.revents(0) : 0;
  }

  private int watching(int fd, int interest) {
    int epfd = open(kernel.epollCreate1(0));
    assertEquals(0, kernel.epollCtl(epfd, Epoll.EPOLL_CTL_ADD, fd, interest, 7));
    return epfd;
  }

  /// What is told soon.
  private int told(int epfd) {
    assertEquals(1, kernel.epollWait(epfd, events, SOON_MILLIS));
    assertEquals(7, events.data(0));
    return events.events(0);
  }

  private void assertSilent(int epfd) {
    assertEquals(0, kernel.epollWait(epfd, events, 0));
  }

  private void send(int fd, int bytes) {
    assertEquals(bytes, kernel.send(fd, buffer, 0, bytes, Socket.MSG_NOSIGNAL));
  }

  private void reset(int fd) {
    kernel.setsockopt(fd, Socket.SOL_SOCKET, Socket.SO_LINGER, Socket.linger(arena, true, 0));
    close(fd);
  }

  @Test
  void theLowestFreeDescriptorIsGivenOutAgainAtOnce() {
    int first = open(kernel.eventfd(0, EventFd.EFD_NONBLOCK));
    int second = open(kernel.eventfd(0, EventFd.EFD_NONBLOCK));
    close(first);
    assertEquals(first, open(kernel.eventfd(0, EventFd.EFD_NONBLOCK)));
    assertTrue(second != first);
    assertEquals(-Errno.EBADF, kernel.close(1_000_000));
  }

  @Test
  void aLevelIsToldAgainAndAnEdgeWithEachArrival() {
    int level = watching(near, IN);
    int edge = watching(near, IN | ET);
    send(far, 1);
    assertEquals(IN, told(level));
    assertEquals(IN, told(level));
    assertEquals(IN, told(edge));
    assertSilent(edge);
    send(far, 1);
    assertEquals(IN, told(edge));
    assertEquals(2, kernel.recv(near, buffer, 0));
    assertSilent(level);
    assertSilent(edge);
    assertEquals(-Errno.EAGAIN, kernel.recv(near, buffer, 0));
  }

  @Test
  void anEdgeTellsAllThatIsSo() {
    int edge = watching(near, IN | OUT | ET);
    assertEquals(OUT, told(edge));
    assertSilent(edge);
    send(far, 1);
    assertEquals(IN | OUT, told(edge));
  }

  @Test
  void aChangeOfInterestTellsOnceMore() {
    send(far, 1);
    int edge = watching(near, IN | ET);
    assertEquals(IN, told(edge));
    assertSilent(edge);
    assertEquals(0, kernel.epollCtl(edge, Epoll.EPOLL_CTL_MOD, near, IN | ET, 7));
    assertEquals(IN, told(edge));
    assertEquals(-Errno.EEXIST, kernel.epollCtl(edge, Epoll.EPOLL_CTL_ADD, near, IN, 7));
    assertEquals(0, kernel.epollCtl(edge, Epoll.EPOLL_CTL_DEL, near, 0, 0));
    assertEquals(-Errno.ENOENT, kernel.epollCtl(edge, Epoll.EPOLL_CTL_MOD, near, IN, 7));
    assertSilent(edge);
  }

  @Test
  void oneshotIsSilentUntilItIsArmedAgain() {
    int epfd = watching(near, IN | Epoll.EPOLLONESHOT);
    send(far, 1);
    assertEquals(IN, told(epfd));
    send(far, 1);
    assertSilent(epfd);
    assertEquals(0, kernel.epollCtl(epfd, Epoll.EPOLL_CTL_MOD, near, IN | Epoll.EPOLLONESHOT, 7));
    assertEquals(IN, told(epfd));
  }

  @Test
  void whatIsClosedIsWatchedNoMore() {
    int epfd = watching(near, IN);
    send(far, 1);
    assertEquals(IN, told(epfd));
    close(near);
    assertSilent(epfd);
  }

  @Test
  void finIsReadableAndWithBothDirectionsShutItIsAHangup() {
    int epfd = watching(near, IN | OUT | RDHUP | ET);
    assertEquals(OUT, told(epfd));
    assertEquals(0, kernel.shutdown(far, Socket.SHUT_WR));
    assertEquals(IN | OUT | RDHUP, told(epfd));
    assertEquals(0, kernel.recv(near, buffer, 0));
    assertEquals(0, kernel.recv(near, buffer, 0));
    assertEquals(0, kernel.shutdown(near, Socket.SHUT_WR));
    assertEquals(IN | OUT | RDHUP | HUP, told(epfd));
    assertEquals(-Errno.EPIPE, kernel.send(near, buffer, 0, 1, Socket.MSG_NOSIGNAL));
  }

  @Test
  void aResetIsAnErrorOnceAndTheEndFromThenOn() {
    int epfd = watching(near, IN | OUT | RDHUP | ET);
    assertEquals(OUT, told(epfd));
    reset(far);
    assertEquals(IN | OUT | RDHUP | HUP | ERR, told(epfd));
    assertEquals(-Errno.ECONNRESET, kernel.recv(near, buffer, 0));
    assertEquals(0, kernel.recv(near, buffer, 0));
    assertEquals(-Errno.EPIPE, kernel.send(near, buffer, 0, 1, Socket.MSG_NOSIGNAL));
    assertEquals(-Errno.ENOTCONN, kernel.shutdown(near, Socket.SHUT_WR));
  }

  @Test
  void whatCameBeforeAResetCanStillBeRead() {
    send(far, 3);
    assertEquals(PollFds.POLLIN, poll(near, PollFds.POLLIN));
    reset(far);
    assertTrue((poll(near, PollFds.POLLRDHUP) & PollFds.POLLERR) != 0);
    assertEquals(3, kernel.recv(near, buffer, 0));
    assertEquals(-Errno.ECONNRESET, kernel.recv(near, buffer, 0));
  }

  @Test
  void aCloseWithBytesUnreadIsAReset() {
    send(far, 3);
    assertEquals(PollFds.POLLIN, poll(near, PollFds.POLLIN));
    close(near);
    assertTrue((poll(far, PollFds.POLLIN) & PollFds.POLLERR) != 0);
    assertEquals(-Errno.ECONNRESET, kernel.recv(far, buffer, 0));
  }

  @Test
  void bytesForAClosedEndAreAnsweredByAReset() {
    close(far);
    assertEquals(PollFds.POLLIN, poll(near, PollFds.POLLIN));
    assertEquals(0, kernel.recv(near, buffer, 0));
    send(near, 1);
    int epfd = watching(near, RDHUP | ET);
    int told = told(epfd);
    while ((told & ERR) == 0) {
      told = told(epfd);
    }
    // Behind a FIN there is nothing but the end; who sends learns that it was a reset.
    assertEquals(0, kernel.recv(near, buffer, 0));
    assertEquals(IN | RDHUP | HUP | ERR, told | IN);
    assertEquals(-Errno.EPIPE, kernel.send(near, buffer, 0, 1, Socket.MSG_NOSIGNAL));
  }

  @Test
  void aFullBufferIsToldWhenThereIsRoomAgain() {
    int edge = watching(near, OUT | ET);
    assertEquals(OUT, told(edge));
    long sent = 0;
    int result = 0;
    while (result >= 0) {
      sent += result;
      result = kernel.send(near, buffer, 0, buffer.byteSize(), Socket.MSG_NOSIGNAL);
      if (result == -Errno.EAGAIN && kernel.epollWait(edge, events, 50) == 1) {
        // There was room again, until the peer's buffer was full too.
        result = 0;
      }
    }
    assertEquals(-Errno.EAGAIN, result);
    long received = 0;
    while (received < sent) {
      int part = kernel.recv(far, buffer, 0);
      if (part == -Errno.EAGAIN) {
        assertEquals(PollFds.POLLIN, poll(far, PollFds.POLLIN));
      } else {
        received += part;
      }
    }
    assertEquals(OUT, told(edge));
    send(near, 1);
  }

  @Test
  void aRefusedConnectIsToldByTheSecondCall() {
    int port = open(kernel.socket(Socket.AF_INET, Socket.SOCK_STREAM | Socket.SOCK_NONBLOCK, 0));
    SockAddr address =
        SockAddr.of(arena, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    kernel.bind(port, address);
    kernel.getsockname(port, address);
    int fd = open(kernel.socket(Socket.AF_INET, Socket.SOCK_STREAM | Socket.SOCK_NONBLOCK, 0));
    int result = kernel.connect(fd, address);
    if (result == -Errno.EINPROGRESS) {
      int told = poll(fd, PollFds.POLLOUT);
      assertEquals(PollFds.POLLOUT | PollFds.POLLERR | PollFds.POLLHUP, told);
      result = kernel.connect(fd, address);
    }
    assertEquals(-Errno.ECONNREFUSED, result);
  }

  @Test
  void selectAndPollTellOfClosedDescriptorsInTheirWays() {
    int fd = open(kernel.eventfd(0, EventFd.EFD_NONBLOCK));
    close(fd);
    assertEquals(PollFds.POLLNVAL, poll(fd, PollFds.POLLIN));
    FdSet read = FdSet.allocate(arena);
    read.set(fd);
    assertEquals(-Errno.EBADF, kernel.select(fd + 1, read, FdSet.allocate(arena), null, 0));
  }

  @Test
  void selectRewritesItsSets() {
    FdSet read = FdSet.allocate(arena);
    FdSet write = FdSet.allocate(arena);
    read.set(near);
    write.set(near);
    assertEquals(1, kernel.select(near + 1, read, write, null, -1));
    assertTrue(write.isSet(near) && !read.isSet(near));
    write.zero();
    read.set(near);
    assertEquals(0, kernel.select(near + 1, read, write, null, 1_000));
    assertTrue(!read.isSet(near));
    read.set(near);
    send(far, 1);
    assertEquals(1, kernel.select(near + 1, read, write, null, -1));
    assertTrue(read.isSet(near));
  }

  @Test
  void anEventfdIsReadableUntilItIsRead() {
    int fd = open(kernel.eventfd(0, EventFd.EFD_NONBLOCK));
    int edge = watching(fd, IN | ET);
    assertSilent(edge);
    buffer.set(ValueLayout.JAVA_LONG, 0, 1);
    assertEquals(8, kernel.write(fd, buffer, 0, 8));
    assertEquals(IN, told(edge));
    assertSilent(edge);
    assertEquals(8, kernel.write(fd, buffer, 0, 8));
    assertEquals(IN, told(edge));
    assertEquals(8, kernel.read(fd, buffer.asSlice(0, 8)));
    assertEquals(2, buffer.get(ValueLayout.JAVA_LONG, 0));
    assertEquals(-Errno.EAGAIN, kernel.read(fd, buffer.asSlice(0, 8)));
  }
}
