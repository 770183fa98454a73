package dev.pollux.sys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// The line of each call, over a kernel that answers what the test wants.
class TracingKernelTest {
  private final List<String> lines = new ArrayList<>();
  private final Arena arena = Arena.ofAuto();
  private int answer;
  private Runnable effect = () -> {};
  private final Kernel kernel = new TracingKernel(answering(), lines::add);

  private void expect(String line) {
    assertEquals(List.of(line), lines);
    lines.clear();
  }

  private MemorySegment bytes(String text) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(UTF_8));
  }

  private SockAddr address(String host, int port) {
    try {
      return SockAddr.of(arena, new InetSocketAddress(InetAddress.getByName(host), port));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static String pointer(MemorySegment memory) {
    return "0x" + Long.toHexString(memory.address());
  }

  @Test
  void socketNamesItsFamilyAndFlags() {
    answer = 3;
    kernel.socket(Socket.AF_INET, Socket.SOCK_STREAM | Socket.SOCK_CLOEXEC, 0);
    expect("socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3");
    answer = -Errno.EMFILE;
    kernel.socket(Socket.AF_INET6, Socket.SOCK_STREAM | Socket.SOCK_NONBLOCK, 6);
    expect(
        "socket(AF_INET6, SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = -1 EMFILE (Too many open"
            + " files)");
  }

  @Test
  void addressesAreReadable() {
    kernel.bind(3, address("127.0.0.1", 8080));
    expect("bind(3, {127.0.0.1:8080}) = 0");
    kernel.listen(3, 4096);
    expect("listen(3, 4096) = 0");
    answer = -Errno.EINPROGRESS;
    kernel.connect(9, address("::1", 80));
    expect("connect(9, {[0:0:0:0:0:0:0:1]:80}) = -1 EINPROGRESS (Operation now in progress)");
    answer = 0;
    kernel.getsockname(3, address("127.0.0.1", 8080));
    expect("getsockname(3, {127.0.0.1:8080}) = 0");
    SockAddr unwritten = SockAddr.allocate(arena);
    answer = -Errno.ENOTCONN;
    kernel.getpeername(9, unwritten);
    expect(
        "getpeername(9, "
            + pointer(unwritten.segment())
            + ") = -1 ENOTCONN (Transport endpoint is not connected)");
  }

  @Test
  void accept4ShowsThePeerOfAnAcceptedDescriptor() {
    SockAddr peer = SockAddr.allocate(arena);
    int flags = Socket.SOCK_NONBLOCK | Socket.SOCK_CLOEXEC;
    answer = 9;
    effect = () -> peer.set(new InetSocketAddress(InetAddress.getLoopbackAddress(), 51234));
    kernel.accept4(3, peer, flags);
    expect("accept4(3, {127.0.0.1:51234}, SOCK_NONBLOCK|SOCK_CLOEXEC) = 9");
    effect = () -> {};
    answer = -Errno.EAGAIN;
    kernel.accept4(3, peer, flags);
    expect(
        "accept4(3, "
            + pointer(peer.segment())
            + ", SOCK_NONBLOCK|SOCK_CLOEXEC) = -1 EAGAIN (Resource temporarily unavailable)");
    answer = 4;
    kernel.accept4(3, null, 0);
    expect("accept4(3, NULL, 0) = 4");
  }

  @Test
  void recvShowsTheBeginningOfWhatItGotAndNotTheRestOfTheBuffer() {
    MemorySegment buffer = arena.allocate(65536);
    MemorySegment request = bytes("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n");
    MemorySegment.copy(request, 0, buffer, 0, request.byteSize());
    answer = (int) request.byteSize();
    kernel.recv(9, buffer, 0);
    expect("recv(9, \"GET / HTTP/1.1\\r\\nHost: example.co\"..., 65536, 0) = 37");
    answer = 3;
    kernel.recv(9, buffer, Socket.MSG_DONTWAIT | Socket.MSG_PEEK);
    expect("recv(9, \"GET\", 65536, MSG_PEEK|MSG_DONTWAIT) = 3");
    answer = 0;
    kernel.recv(9, buffer, 0);
    expect("recv(9, \"\", 65536, 0) = 0");
    answer = -Errno.EAGAIN;
    kernel.recv(9, buffer, 0);
    expect(
        "recv(9, "
            + pointer(buffer)
            + ", 65536, 0) = -1 EAGAIN (Resource temporarily unavailable)");
  }

  @Test
  void bytesThatCannotBePrintedAreOctalAsStraceHasThem() {
    MemorySegment odd = bytes("\"\\\t\u000b\f\u0001" + "7\u0001x\u007f");
    answer = 10;
    kernel.send(9, odd, 0, odd.byteSize(), Socket.MSG_NOSIGNAL | Socket.MSG_MORE);
    expect("send(9, \"\\\"\\\\\\t\\v\\f\\0017\\1x\\177\", 10, MSG_NOSIGNAL|MSG_MORE) = 10");
  }

  @Test
  void sendReadAndWriteShowTheirRangeOnly() {
    MemorySegment text = bytes("..hello..");
    answer = 3;
    kernel.send(9, text, 2, 5, 0);
    expect("send(9, \"hello\", 5, 0) = 3");
    kernel.write(9, text, 2, 5);
    expect("write(9, \"hello\", 5) = 3");
    kernel.read(7, text);
    expect("read(7, \"..h\", 9) = 3");
  }

  @Test
  void sendmsgAndWritevShowTheirPieces() {
    IoVector pieces = IoVector.allocate(arena, 2);
    pieces.add(bytes("head"), 0, 4);
    pieces.add(bytes("..body"), 2, 4);
    answer = 8;
    kernel.sendmsg(9, pieces, Socket.MSG_NOSIGNAL);
    expect(
        "sendmsg(9, {msg_iov=[{iov_base=\"head\", iov_len=4}, {iov_base=\"body\", iov_len=4}],"
            + " msg_iovlen=2}, MSG_NOSIGNAL) = 8");
    kernel.writev(9, pieces);
    expect("writev(9, [{iov_base=\"head\", iov_len=4}, {iov_base=\"body\", iov_len=4}], 2) = 8");
  }

  @Test
  void shutdownCloseAndFcntlNameWhatTheyDo() {
    kernel.shutdown(9, Socket.SHUT_WR);
    expect("shutdown(9, SHUT_WR) = 0");
    answer = -Errno.EBADF;
    kernel.close(9);
    expect("close(9) = -1 EBADF (Bad file descriptor)");
    answer = 0x802;
    kernel.fcntl(9, Fcntl.F_GETFL, 0);
    expect("fcntl(9, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)");
    answer = 1;
    kernel.fcntl(9, Fcntl.F_GETFD, 0);
    expect("fcntl(9, F_GETFD) = 0x1 (flags FD_CLOEXEC)");
    answer = 0;
    kernel.fcntl(9, Fcntl.F_SETFL, 0x802);
    expect("fcntl(9, F_SETFL, O_RDWR|O_NONBLOCK) = 0");
    answer = 12;
    kernel.fcntl(9, Fcntl.F_DUPFD_CLOEXEC, 10);
    expect("fcntl(9, F_DUPFD_CLOEXEC, 10) = 12");
  }

  @Test
  void socketOptionsHaveTheirNames() {
    kernel.setsockopt(9, Socket.IPPROTO_TCP, Socket.TCP_NODELAY, 1);
    expect("setsockopt(9, IPPROTO_TCP, TCP_NODELAY, [1], 4) = 0");
    kernel.setsockopt(9, Socket.SOL_SOCKET, Socket.SO_LINGER, Socket.linger(arena, true, 0));
    expect("setsockopt(9, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=0}, 8) = 0");
    answer = -Errno.ENOPROTOOPT;
    kernel.setsockopt(9, Socket.IPPROTO_IPV6, 999, 1);
    expect("setsockopt(9, IPPROTO_IPV6, 999, [1], 4) = -1 ENOPROTOOPT (Protocol not available)");
    answer = Errno.ECONNREFUSED;
    kernel.getsockopt(9, Socket.SOL_SOCKET, Socket.SO_ERROR);
    expect("getsockopt(9, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0");
    answer = 0;
    kernel.getsockopt(9, Socket.SOL_SOCKET, Socket.SO_ERROR);
    expect("getsockopt(9, SOL_SOCKET, SO_ERROR, [0], [4]) = 0");
    answer = 152;
    kernel.getsockopt(9, Socket.IPPROTO_TCP, Socket.TCP_INFO, TcpInfo.allocate(arena).segment());
    expect("getsockopt(9, IPPROTO_TCP, TCP_INFO, {...}, [152]) = 0");
  }

  @Test
  void selectShowsTheBitsThatGoInAndThoseThatComeOut() {
    FdSet read = FdSet.allocate(arena);
    FdSet write = FdSet.allocate(arena);
    for (int fd : new int[] {5, 8, 9}) {
      read.set(fd);
    }
    write.set(9);
    answer = 2;
    effect =
        () -> {
          read.clear(5);
          read.clear(9);
        };
    kernel.select(10, read, write, null, 1_500_000);
    expect("select(10, [5 8 9], [9], NULL, {tv_sec=1, tv_usec=500000}) = 2 (in [8], out [9])");
    effect = write::zero;
    answer = 1;
    kernel.select(10, read, write, null, -1);
    expect("select(10, [8], [9], NULL, NULL) = 1 (in [8])");
    effect = () -> {};
    answer = 0;
    kernel.select(10, read, null, null, 0);
    expect("select(10, [8], NULL, NULL, {tv_sec=0, tv_usec=0}) = 0 (Timeout)");
  }

  @Test
  void pollShowsEventsAndRevents() {
    PollFds fds = PollFds.allocate(arena, 2);
    fds.set(0, 5, PollFds.POLLIN);
    fds.set(1, 8, PollFds.POLLIN | PollFds.POLLOUT);
    answer = 1;
    effect =
        () ->
            fds.segment()
                .set(ValueLayout.JAVA_SHORT, 14, (short) (PollFds.POLLIN | PollFds.POLLHUP));
    kernel.poll(fds, 2, -1);
    expect(
        "poll([{fd=5, events=POLLIN}, {fd=8, events=POLLIN|POLLOUT}], 2, -1) = 1"
            + " ([{fd=8, revents=POLLIN|POLLHUP}])");
    effect = () -> {};
    answer = 0;
    kernel.poll(fds, 1, 10);
    expect("poll([{fd=5, events=POLLIN}], 1, 10) = 0 (Timeout)");
  }

  @Test
  void aLongArrayIsCutShortAsStraceDoes() {
    PollFds fds = PollFds.allocate(arena, 100);
    for (int i = 0; i < 100; i++) {
      fds.set(i, i, PollFds.POLLIN);
    }
    kernel.poll(fds, 100, 0);
    String line = lines.get(0);
    assertTrue(line.endsWith("{fd=31, events=POLLIN}, ...], 100, 0) = 0 (Timeout)"), line);
  }

  @Test
  void epollCallsNameTheirOperationAndEvents() {
    answer = 5;
    kernel.epollCreate1(Epoll.EPOLL_CLOEXEC);
    expect("epoll_create1(EPOLL_CLOEXEC) = 5");
    answer = 0;
    kernel.epollCtl(5, Epoll.EPOLL_CTL_ADD, 9, Epoll.EPOLLIN | Epoll.EPOLLET, 9 | 3L << 32);
    expect("epoll_ctl(5, EPOLL_CTL_ADD, 9, {EPOLLIN|EPOLLET, fd=9}) = 0");
    kernel.epollCtl(5, Epoll.EPOLL_CTL_MOD, 9, Epoll.EPOLLONESHOT, 9);
    expect("epoll_ctl(5, EPOLL_CTL_MOD, 9, {EPOLLONESHOT, fd=9}) = 0");
    kernel.epollCtl(5, Epoll.EPOLL_CTL_DEL, 9, 0, 0);
    expect("epoll_ctl(5, EPOLL_CTL_DEL, 9, NULL) = 0");

    EpollEvents events = EpollEvents.allocate(arena, 256);
    effect = () -> events.set(0, Epoll.EPOLLIN, 9 | 3L << 32);
    answer = 1;
    kernel.epollWait(5, events, -1);
    expect("epoll_wait(5, [{EPOLLIN, fd=9}], 256, -1) = 1");
    answer = 0;
    kernel.epollWait(5, events, 10);
    expect("epoll_wait(5, [], 256, 10) = 0");
    answer = -Errno.EINTR;
    kernel.epollWait(5, events, 10);
    expect(
        "epoll_wait(5, "
            + pointer(events.segment())
            + ", 256, 10) = -1 EINTR (Interrupted system call)");
  }

  @Test
  void theRestIsReadableToo() {
    answer = 7;
    kernel.eventfd(0, EventFd.EFD_CLOEXEC | EventFd.EFD_NONBLOCK);
    expect("eventfd(0, EFD_NONBLOCK|EFD_CLOEXEC) = 7");
    answer = 0;
    kernel.pipe2(new int[] {3, 4}, Fcntl.O_CLOEXEC);
    expect("pipe2([3, 4], O_CLOEXEC) = 0");
    kernel.getrlimit(Rlimit.RLIMIT_NOFILE, new long[] {20_000, Rlimit.INFINITY});
    expect("getrlimit(RLIMIT_NOFILE, {rlim_cur=20000, rlim_max=RLIM_INFINITY}) = 0");
    answer = -9999;
    kernel.close(1);
    expect("close(1) = -1 errno 9999");
  }

  @Test
  void everyCallIsPassedOnWithItsResultWhetherItIsWantedOrNot() throws Exception {
    Kernel silent =
        new TracingKernel(
            answering(),
            new TraceSink() {
              @Override
              public void line(String call) {
                throw new AssertionError(call);
              }

              @Override
              public boolean wants(SystemCall call) {
                return false;
              }
            });
    for (Method method : Kernel.class.getMethods()) {
      answer = method.getName().equals("select") || method.getName().equals("poll") ? 0 : 1;
      Object[] arguments = Arrays.stream(method.getParameterTypes()).map(this::argument).toArray();
      assertEquals(answer, method.invoke(silent, arguments), method.getName());
      assertEquals(List.of(), lines);
      assertEquals(answer, method.invoke(kernel, arguments), method.getName());
      assertEquals(1, lines.size(), method.getName());
      String call = method.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
      assertTrue(lines.get(0).startsWith(call + "("), lines.get(0));
      lines.clear();
    }
  }

  private Object argument(Class<?> type) {
    return switch (type.getSimpleName()) {
      case "int" -> 1;
      case "long" -> 1L;
      case "MemorySegment" -> arena.allocate(8);
      case "SockAddr" -> SockAddr.allocate(arena);
      case "IoVector" -> IoVector.allocate(arena, 1);
      case "FdSet" -> FdSet.allocate(arena);
      case "PollFds" -> PollFds.allocate(arena, 1);
      case "EpollEvents" -> EpollEvents.allocate(arena, 1);
      case "int[]" -> new int[2];
      case "long[]" -> new long[2];
      default -> throw new AssertionError(type);
    };
  }

  private Kernel answering() {
    return (Kernel)
        Proxy.newProxyInstance(
            TracingKernelTest.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> {
              effect.run();
              return answer;
            });
  }
}
