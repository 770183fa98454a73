package dev.pollux.sys;

import static dev.pollux.sys.Sockets.error;
import static dev.pollux.sys.Sockets.loopback;
import static dev.pollux.sys.Sockets.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pollux.sys.Sockets.Pair;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// setsockopt, getsockopt, and what the options do.
@KernelTest
class SocketOptionTest {

  private final Sockets sockets = new Sockets();
  private final Kernel kernel = sockets.kernel;

  @AfterEach
  void close() {
    sockets.close();
  }

  @Test
  void anUnknownOptionIsEnoprotoopt() {
    int fd = sockets.tcp();
    assertEquals("ENOPROTOOPT", error(kernel.setsockopt(fd, Socket.SOL_SOCKET, 9999, 1)));
    assertEquals("ENOPROTOOPT", error(kernel.getsockopt(fd, Socket.SOL_SOCKET, 9999)));
  }

  @Test
  void anOptionOfAClosedDescriptorIsEbadf() {
    int fd = sockets.closedDescriptor();
    assertEquals("EBADF", error(set(fd, Socket.SO_KEEPALIVE, 1)));
    assertEquals("EBADF", error(get(fd, Socket.SO_KEEPALIVE)));
  }

  @Test
  void aStructThatIsTooShortIsEinval() {
    var half = Socket.linger(sockets.arena, true, 0).asSlice(0, 4);
    assertEquals(
        "EINVAL",
        error(kernel.setsockopt(sockets.tcp(), Socket.SOL_SOCKET, Socket.SO_LINGER, half)));
  }

  @Test
  void soReuseaddrBindsBesideConnectionsInTimeWait() {
    int first = sockets.tcp();
    ok(set(first, Socket.SO_REUSEADDR, 1));
    ok(kernel.bind(first, SockAddr.of(sockets.arena, loopback(0))));
    ok(kernel.listen(first, 1));
    SockAddr address = sockets.addressOf(first);
    int client = sockets.connectedTo(first);
    int server = sockets.opened(kernel.accept4(first, null, 0));
    // Whoever closes first keeps the port in TIME_WAIT.
    sockets.close(server);
    assertEquals("", sockets.recv(client, 1, 0));
    sockets.close(client);
    sockets.close(first);

    int second = sockets.tcp();
    assertEquals("EADDRINUSE", error(kernel.bind(second, address)));
    ok(set(second, Socket.SO_REUSEADDR, 1));
    assertEquals(0, kernel.bind(second, address));
  }

  @Test
  void soReuseportLetsTwoListenOnOnePort() {
    int first = sockets.tcp();
    ok(set(first, Socket.SO_REUSEPORT, 1));
    ok(kernel.bind(first, SockAddr.of(sockets.arena, loopback(0))));
    ok(kernel.listen(first, 1));
    int second = sockets.tcp();
    assertEquals("EADDRINUSE", error(kernel.bind(second, sockets.addressOf(first))));
    ok(set(second, Socket.SO_REUSEPORT, 1));
    assertEquals(0, kernel.bind(second, sockets.addressOf(first)));
    assertEquals(0, kernel.listen(second, 1));
  }

  @Test
  void soErrorTellsThePendingErrorOnce() {
    SockAddr silent = sockets.addressOf(sockets.bound());
    int client = sockets.tcp(Socket.SOCK_NONBLOCK);
    assertEquals("EINPROGRESS", error(kernel.connect(client, silent)));
    sockets.await(client, PollFds.POLLOUT);
    assertEquals(Errno.ECONNREFUSED, get(client, Socket.SO_ERROR));
    assertEquals(0, get(client, Socket.SO_ERROR));
  }

  @Test
  void soLingerOfZeroSecondsResetsThePeer() {
    Pair pair = sockets.pair();
    var reset = Socket.linger(sockets.arena, true, 0);
    ok(kernel.setsockopt(pair.first(), Socket.SOL_SOCKET, Socket.SO_LINGER, reset));
    sockets.close(pair.first());
    assertEquals("ECONNRESET", error(kernel.recv(pair.second(), sockets.arena.allocate(1), 0)));
  }

  @Test
  void soLingerTurnedOffClosesInOrder() {
    Pair pair = sockets.pair();
    var off = Socket.linger(sockets.arena, false, 0);
    ok(kernel.setsockopt(pair.first(), Socket.SOL_SOCKET, Socket.SO_LINGER, off));
    sockets.close(pair.first());
    assertEquals("", sockets.recv(pair.second(), 1, 0));
  }

  @Test
  void theKernelDoublesTheBufferSizes() {
    int fd = sockets.tcp();
    ok(set(fd, Socket.SO_SNDBUF, 20_000));
    ok(set(fd, Socket.SO_RCVBUF, 30_000));
    assertEquals(40_000, get(fd, Socket.SO_SNDBUF));
    assertEquals(60_000, get(fd, Socket.SO_RCVBUF));
  }

  @Test
  void soAcceptconnTellsAListener() {
    int fd = sockets.bound();
    assertEquals(0, get(fd, Socket.SO_ACCEPTCONN));
    ok(kernel.listen(fd, 1));
    assertEquals(1, get(fd, Socket.SO_ACCEPTCONN));
  }

  @Test
  void keepAliveIsSetWithItsTimes() {
    int fd = sockets.tcp();
    assertEquals(0, get(fd, Socket.SO_KEEPALIVE));
    ok(set(fd, Socket.SO_KEEPALIVE, 1));
    assertEquals(1, get(fd, Socket.SO_KEEPALIVE));
    assertTcpOptionIsKept(fd, Socket.TCP_KEEPIDLE, 77);
    assertTcpOptionIsKept(fd, Socket.TCP_KEEPINTVL, 11);
    assertTcpOptionIsKept(fd, Socket.TCP_KEEPCNT, 5);
  }

  @Test
  void soBusyPollIsKept() {
    int fd = sockets.tcp();
    int result = set(fd, Socket.SO_BUSY_POLL, 50);
    assumeTrue(result == 0, () -> "SO_BUSY_POLL is refused here: " + Errno.describe(result));
    assertEquals(50, get(fd, Socket.SO_BUSY_POLL));
  }

  @Test
  void tcpNodelayIsKept() {
    int fd = sockets.tcp();
    assertEquals(0, kernel.getsockopt(fd, Socket.IPPROTO_TCP, Socket.TCP_NODELAY));
    assertTcpOptionIsKept(fd, Socket.TCP_NODELAY, 1);
  }

  @Test
  void tcpUserTimeoutIsKept() {
    assertTcpOptionIsKept(sockets.tcp(), Socket.TCP_USER_TIMEOUT, 12_345);
  }

  @Test
  void tcpQuickackIsTurnedOffAndOn() {
    int fd = sockets.pair().first();
    assertTcpOptionIsKept(fd, Socket.TCP_QUICKACK, 0);
    assertTcpOptionIsKept(fd, Socket.TCP_QUICKACK, 1);
  }

  @Test
  void tcpDeferAcceptWaitsForTheFirstBytes() {
    int listener = sockets.bound();
    ok(kernel.setsockopt(listener, Socket.IPPROTO_TCP, Socket.TCP_DEFER_ACCEPT, 10));
    ok(kernel.listen(listener, 1));
    sockets.nonBlocking(listener);
    int client = sockets.connectedTo(listener);
    assertEquals("EAGAIN", error(kernel.accept4(listener, null, 0)));
    sockets.send(client, "now");
    sockets.await(listener, PollFds.POLLIN);
    int server = sockets.opened(kernel.accept4(listener, null, 0));
    assertEquals("now", sockets.recv(server, 8, 0));
  }

  @Test
  void ipv6V6onlyRefusesIpv4() throws Exception {
    int listener = dualStackListener(1);
    SockAddr ipv4 = SockAddr.of(sockets.arena, loopback(sockets.addressOf(listener).port()));
    assertEquals("ECONNREFUSED", error(kernel.connect(sockets.tcp(), ipv4)));
  }

  @Test
  void anIpv6SocketWithoutV6onlyTakesIpv4() throws Exception {
    int listener = dualStackListener(0);
    SockAddr ipv4 = SockAddr.of(sockets.arena, loopback(sockets.addressOf(listener).port()));
    int client = sockets.tcp();
    ok(kernel.connect(client, ipv4));
    SockAddr peer = SockAddr.allocate(sockets.arena);
    sockets.opened(kernel.accept4(listener, peer, 0));
    assertEquals(Socket.AF_INET6, peer.family());
    assertInstanceOf(Inet4Address.class, peer.toInetSocketAddress().getAddress());
    assertEquals(sockets.addressOf(client).toInetSocketAddress(), peer.toInetSocketAddress());
  }

  private int dualStackListener(int only) throws Exception {
    int fd = kernel.socket(Socket.AF_INET6, Socket.SOCK_STREAM, 0);
    assumeTrue(fd >= 0, () -> "no IPv6 here: " + Errno.describe(fd));
    sockets.opened(fd);
    ok(kernel.setsockopt(fd, Socket.IPPROTO_IPV6, Socket.IPV6_V6ONLY, only));
    InetAddress any = InetAddress.getByAddress(new byte[16]);
    int result = kernel.bind(fd, SockAddr.of(sockets.arena, new InetSocketAddress(any, 0)));
    assumeTrue(result == 0, () -> "no IPv6 here: " + Errno.describe(result));
    ok(kernel.listen(fd, 1));
    return fd;
  }

  private void assertTcpOptionIsKept(int fd, int option, int value) {
    ok(kernel.setsockopt(fd, Socket.IPPROTO_TCP, option, value));
    assertEquals(value, kernel.getsockopt(fd, Socket.IPPROTO_TCP, option));
  }

  private int set(int fd, int option, int value) {
    return kernel.setsockopt(fd, Socket.SOL_SOCKET, option, value);
  }

  private int get(int fd, int option) {
    return kernel.getsockopt(fd, Socket.SOL_SOCKET, option);
  }
}
