package dev.pollux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;

/// A real kernel and what one test opens with it; all of it closed at the end.
final class Sockets implements AutoCloseable {

  static final int WAIT_MILLIS = 10_000;

  final Arena arena = Arena.ofConfined();
  final Kernel kernel = new LinuxKernel(arena);
  private final Set<Integer> open = new LinkedHashSet<>();

  static InetSocketAddress loopback(int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /// The name of the error that a call returned, to be compared with an expected one.
  static String error(int result) {
    assertTrue(result < 0, () -> "no error but " + result);
    return Errno.describe(result);
  }

  /// A result that must not be an error.
  static int ok(int result) {
    assertTrue(result >= 0, () -> Errno.describe(result));
    return result;
  }

  /// Remembers a descriptor that a call returned.
  int opened(int fd) {
    open.add(ok(fd));
    return fd;
  }

  void close(int fd) {
    assertTrue(open.remove(fd));
    assertEquals(0, kernel.close(fd));
  }

  /// A number that is no open descriptor, until the next one is opened.
  int closedDescriptor() {
    int fd = tcp();
    close(fd);
    return fd;
  }

  int tcp() {
    return tcp(0);
  }

  int tcp(int flags) {
    return opened(kernel.socket(Socket.AF_INET, Socket.SOCK_STREAM | flags, 0));
  }

  int bound() {
    int fd = tcp();
    ok(kernel.bind(fd, SockAddr.of(arena, loopback(0))));
    return fd;
  }

  int listener() {
    int fd = bound();
    ok(kernel.listen(fd, Socket.SOMAXCONN));
    return fd;
  }

  SockAddr addressOf(int fd) {
    SockAddr address = SockAddr.allocate(arena);
    ok(kernel.getsockname(fd, address));
    return address;
  }

  /// A connected client, at once.
  int connectedTo(int listener) {
    int fd = tcp();
    ok(kernel.connect(fd, addressOf(listener)));
    return fd;
  }

  /// The two ends of a connection.
  Pair pair() {
    int listener = listener();
    int client = connectedTo(listener);
    int server = opened(kernel.accept4(listener, null, 0));
    close(listener);
    return new Pair(client, server);
  }

  /// The two ends of a pipe: the reading one first.
  Pair pipe(int flags) {
    int[] ends = new int[2];
    ok(kernel.pipe2(ends, flags));
    return new Pair(opened(ends[0]), opened(ends[1]));
  }

  int eventFd(int initialValue, int flags) {
    return opened(kernel.eventfd(initialValue, flags));
  }

  void nonBlocking(int fd) {
    int flags = ok(kernel.fcntl(fd, Fcntl.F_GETFL, 0));
    ok(kernel.fcntl(fd, Fcntl.F_SETFL, flags | Fcntl.O_NONBLOCK));
  }

  boolean isNonBlocking(int fd) {
    return (ok(kernel.fcntl(fd, Fcntl.F_GETFL, 0)) & Fcntl.O_NONBLOCK) != 0;
  }

  boolean isCloseOnExec(int fd) {
    return (ok(kernel.fcntl(fd, Fcntl.F_GETFD, 0)) & Fcntl.FD_CLOEXEC) != 0;
  }

  MemorySegment bytes(String text) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(StandardCharsets.US_ASCII));
  }

  void send(int fd, String text) {
    MemorySegment bytes = bytes(text);
    assertEquals(text.length(), kernel.send(fd, bytes, 0, bytes.byteSize(), Socket.MSG_NOSIGNAL));
  }

  String recv(int fd, int atMost, int flags) {
    MemorySegment buffer = arena.allocate(atMost);
    return text(buffer, ok(kernel.recv(fd, buffer, flags)));
  }

  static String text(MemorySegment buffer, int length) {
    byte[] bytes = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  /// Waits until poll(2) reports one of the events, and returns all that it reports.
  int await(int fd, int events) {
    PollFds fds = PollFds.allocate(arena, 1);
    fds.set(0, fd, events);
    assertEquals(1, kernel.poll(fds, 1, WAIT_MILLIS), "nothing happened");
    return fds.revents(0);
  }

  /// What poll(2) reports now.
  int ready(int fd, int events) {
    PollFds fds = PollFds.allocate(arena, 1);
    fds.set(0, fd, events);
    ok(kernel.poll(fds, 1, 0));
    return fds.revents(0);
  }

  @Override
  public void close() {
    for (int fd : open) {
      ok(kernel.close(fd));
    }
    arena.close();
  }

  /// Two descriptors that belong together.
  record Pair(int first, int second) {}
}
