package dev.pollux.sys;

import static dev.pollux.sys.Sockets.error;
import static dev.pollux.sys.Sockets.loopback;
import static dev.pollux.sys.Sockets.ok;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.sys.Sockets.Pair;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// socket, bind, listen, accept4, connect, getsockname, getpeername, shutdown, close.
@KernelTest
class ConnectionTest {

  private final Sockets sockets = new Sockets();
  private final Kernel kernel = sockets.kernel;

  @AfterEach
  void close() {
    sockets.close();
  }

  @Test
  void aSocketOfAnUnknownFamilyIsEafnosupport() {
    assertEquals("EAFNOSUPPORT", error(kernel.socket(999, Socket.SOCK_STREAM, 0)));
  }

  @Test
  void aSocketOfAnUnknownTypeIsEinval() {
    assertEquals("EINVAL", error(kernel.socket(Socket.AF_INET, 15, 0)));
  }

  @Test
  void sockNonblockMakesTheSocketNonBlocking() {
    assertFalse(sockets.isNonBlocking(sockets.tcp()));
    assertTrue(sockets.isNonBlocking(sockets.tcp(Socket.SOCK_NONBLOCK)));
  }

  @Test
  void sockCloexecIsVisibleInTheDescriptorFlags() {
    assertFalse(sockets.isCloseOnExec(sockets.tcp()));
    assertTrue(sockets.isCloseOnExec(sockets.tcp(Socket.SOCK_CLOEXEC)));
  }

  @Test
  void bindToATakenPortIsEaddrinuse() {
    SockAddr taken = sockets.addressOf(sockets.listener());
    assertEquals("EADDRINUSE", error(kernel.bind(sockets.tcp(), taken)));
  }

  @Test
  void bindToAForeignAddressIsEaddrnotavail() {
    SockAddr foreign = SockAddr.of(sockets.arena, new InetSocketAddress("192.0.2.1", 0));
    assertEquals("EADDRNOTAVAIL", error(kernel.bind(sockets.tcp(), foreign)));
  }

  @Test
  void bindToAnAddressThatIsNotSetIsEinval() {
    assertEquals("EINVAL", error(kernel.bind(sockets.tcp(), SockAddr.allocate(sockets.arena))));
  }

  @Test
  void listenOnAClosedDescriptorIsEbadf() {
    assertEquals("EBADF", error(kernel.listen(sockets.closedDescriptor(), 1)));
  }

  @Test
  void listenOnAPipeIsEnotsock() {
    assertEquals("ENOTSOCK", error(kernel.listen(sockets.pipe(0).first(), 1)));
  }

  @Test
  void acceptOnASocketThatDoesNotListenIsEinval() {
    assertEquals("EINVAL", error(kernel.accept4(sockets.bound(), null, 0)));
  }

  @Test
  void acceptWithNobodyWaitingIsEagain() {
    int listener = sockets.listener();
    sockets.nonBlocking(listener);
    SockAddr peer = SockAddr.allocate(sockets.arena);
    assertEquals("EAGAIN", error(kernel.accept4(listener, peer, 0)));
    assertEquals(0, peer.length());
  }

  @Test
  void acceptWithAnUnknownFlagIsEinval() {
    assertEquals("EINVAL", error(kernel.accept4(sockets.listener(), null, 1)));
  }

  @Test
  void acceptTellsThePeersAddress() {
    int listener = sockets.listener();
    int client = sockets.connectedTo(listener);
    SockAddr peer = SockAddr.allocate(sockets.arena);
    sockets.opened(kernel.accept4(listener, peer, 0));
    assertEquals(sockets.addressOf(client).toInetSocketAddress(), peer.toInetSocketAddress());
    assertEquals(16, peer.length());
  }

  @Test
  void acceptFlagsAreThoseOfTheNewDescriptorOnly() {
    int listener = sockets.listener();
    sockets.connectedTo(listener);
    sockets.connectedTo(listener);
    int plain = sockets.opened(kernel.accept4(listener, null, 0));
    int flagged =
        sockets.opened(kernel.accept4(listener, null, Socket.SOCK_NONBLOCK | Socket.SOCK_CLOEXEC));
    assertFalse(sockets.isNonBlocking(plain) || sockets.isCloseOnExec(plain));
    assertTrue(sockets.isNonBlocking(flagged) && sockets.isCloseOnExec(flagged));
    assertFalse(sockets.isNonBlocking(listener) || sockets.isCloseOnExec(listener));
  }

  @Test
  void aShortBacklogLeavesFurtherClientsWaiting() {
    int listener = sockets.bound();
    ok(kernel.listen(listener, 0));
    // A backlog of 0 has room for one.
    sockets.connectedTo(listener);
    int second = sockets.tcp(Socket.SOCK_NONBLOCK);
    assertEquals("EINPROGRESS", error(kernel.connect(second, sockets.addressOf(listener))));
    assertEquals(0, sockets.ready(second, PollFds.POLLOUT));
    sockets.opened(kernel.accept4(listener, null, 0));
    assertEquals(PollFds.POLLOUT, sockets.await(second, PollFds.POLLOUT));
  }

  @Test
  void connectWhereNobodyListensIsEconnrefused() {
    SockAddr silent = sockets.addressOf(sockets.bound());
    assertEquals("ECONNREFUSED", error(kernel.connect(sockets.tcp(), silent)));
  }

  @Test
  void connectOfANonBlockingSocketIsEinprogressAndThenWritable() {
    int listener = sockets.listener();
    int client = sockets.tcp(Socket.SOCK_NONBLOCK);
    assertEquals("EINPROGRESS", error(kernel.connect(client, sockets.addressOf(listener))));
    assertEquals(PollFds.POLLOUT, sockets.await(client, PollFds.POLLOUT));
    assertEquals(0, kernel.getsockopt(client, Socket.SOL_SOCKET, Socket.SO_ERROR));
  }

  @Test
  void connectOfAConnectedSocketIsEisconn() {
    int listener = sockets.listener();
    int client = sockets.connectedTo(listener);
    assertEquals("EISCONN", error(kernel.connect(client, sockets.addressOf(listener))));
  }

  @Test
  void getsocknameOfAClosedDescriptorIsEbadf() {
    SockAddr address = SockAddr.allocate(sockets.arena);
    assertEquals("EBADF", error(kernel.getsockname(sockets.closedDescriptor(), address)));
    assertEquals(0, address.length());
  }

  @Test
  void getsocknameTellsThePortThatTheKernelChose() {
    InetSocketAddress address = sockets.addressOf(sockets.bound()).toInetSocketAddress();
    assertNotEquals(0, address.getPort());
    assertEquals(loopback(address.getPort()), address);
  }

  @Test
  void getpeernameOfAnUnconnectedSocketIsEnotconn() {
    SockAddr address = SockAddr.allocate(sockets.arena);
    assertEquals("ENOTCONN", error(kernel.getpeername(sockets.tcp(), address)));
  }

  @Test
  void getpeernameIsTheOtherEndsOwnName() {
    Pair pair = sockets.pair();
    SockAddr address = SockAddr.allocate(sockets.arena);
    ok(kernel.getpeername(pair.second(), address));
    assertEquals(
        sockets.addressOf(pair.first()).toInetSocketAddress(), address.toInetSocketAddress());
  }

  @Test
  void shutdownOfAnUnconnectedSocketIsEnotconn() {
    assertEquals("ENOTCONN", error(kernel.shutdown(sockets.tcp(), Socket.SHUT_WR)));
  }

  @Test
  void shutdownOfAnUnknownDirectionIsEinval() {
    assertEquals("EINVAL", error(kernel.shutdown(sockets.pair().first(), 3)));
  }

  @Test
  void shutWrIsTheEndOfInputForThePeerWhoMayStillAnswer() {
    Pair pair = sockets.pair();
    ok(kernel.shutdown(pair.first(), Socket.SHUT_WR));
    assertEquals("", sockets.recv(pair.second(), 8, 0));
    sockets.send(pair.second(), "answer");
    assertEquals("answer", sockets.recv(pair.first(), 8, 0));
    assertEquals("EPIPE", error(sendOne(pair.first())));
  }

  @Test
  void shutRdIsTheEndOfInputHere() {
    Pair pair = sockets.pair();
    ok(kernel.shutdown(pair.first(), Socket.SHUT_RD));
    assertEquals("", sockets.recv(pair.first(), 8, 0));
    sockets.send(pair.first(), "still");
    assertEquals("still", sockets.recv(pair.second(), 8, 0));
  }

  @Test
  void shutRdwrEndsBothDirections() {
    Pair pair = sockets.pair();
    ok(kernel.shutdown(pair.first(), Socket.SHUT_RDWR));
    assertEquals("", sockets.recv(pair.first(), 8, 0));
    assertEquals("", sockets.recv(pair.second(), 8, 0));
    assertEquals("EPIPE", error(sendOne(pair.first())));
  }

  @Test
  void closeOfABadDescriptorIsEbadf() {
    assertEquals("EBADF", error(kernel.close(-1)));
    assertEquals("EBADF", error(kernel.close(sockets.closedDescriptor())));
  }

  private int sendOne(int fd) {
    MemorySegment one = sockets.bytes("x");
    return kernel.send(fd, one, 0, 1, Socket.MSG_NOSIGNAL);
  }
}
