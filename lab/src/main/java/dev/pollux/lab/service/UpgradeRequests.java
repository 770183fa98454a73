package dev.pollux.lab.service;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.pollux.lab.machine.Eintr;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Fcntl;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.PollFds;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import dev.pollux.websocket.ClientHandshake;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;

/// Opens WebSockets one after the other by calls that block, and hands out their descriptors.
final class UpgradeRequests implements AutoCloseable {
  private static final int MAX_RESPONSE_BYTES = 1024;
  private static final int PATIENCE_MILLIS = 10_000;
  private static final byte[] ACCEPTED = "HTTP/1.1 101 ".getBytes(US_ASCII);

  private final Arena arena = Arena.ofConfined();
  private final Kernel kernel;
  private final SockAddr server;
  private final MemorySegment request;
  private final MemorySegment response = arena.allocate(MAX_RESPONSE_BYTES);
  private final PollFds waiting = PollFds.allocate(arena, 1);

  UpgradeRequests(Kernel kernel, int port, String target) {
    this.kernel = kernel;
    this.server = SockAddr.of(arena, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    byte[] nonce = new byte[ClientHandshake.NONCE_BYTES];
    byte[] bytes =
        new ClientHandshake(URI.create("ws://localhost" + target), nonce, List.of()).request();
    this.request = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
  }

  /// A descriptor of a WebSocket that is open, in non-blocking mode; -1 if the server refuses it.
  ///
  /// @throws IOException if there is no socket to be had, or the server says nothing
  int open() throws IOException {
    int fd = kernel.socket(server.family(), Socket.SOCK_STREAM | Socket.SOCK_CLOEXEC, 0);
    if (fd < 0) {
      throw new IOException("socket: " + Errno.describe(fd));
    }
    boolean accepted = false;
    try {
      accepted = upgrade(fd);
      return accepted ? fd : -1;
    } finally {
      if (!accepted) {
        kernel.close(fd);
      }
    }
  }

  private boolean upgrade(int fd) throws IOException {
    int connected = kernel.connect(fd, server);
    if (connected < 0) {
      throw new IOException("connect: " + Errno.describe(connected));
    }
    kernel.setsockopt(fd, Socket.IPPROTO_TCP, Socket.TCP_NODELAY, 1);
    kernel.send(fd, request, 0, request.byteSize(), Socket.MSG_NOSIGNAL);
    int length = 0;
    while (!endsWithEmptyLine(length)) {
      waiting.set(0, fd, PollFds.POLLIN);
      if (Eintr.retried(() -> kernel.poll(waiting, 1, PATIENCE_MILLIS)) != 1) {
        throw new IOException("the server does not answer an opening handshake");
      }
      int more = moreOfTheHead(fd, length);
      if (more <= 0) {
        return false;
      }
      length += more;
    }
    kernel.fcntl(fd, Fcntl.F_SETFL, Fcntl.O_NONBLOCK);
    return length > ACCEPTED.length
        && response.asSlice(0, ACCEPTED.length).mismatch(MemorySegment.ofArray(ACCEPTED)) < 0;
  }

  /// Receives up to the empty line, and not what is behind it: frames may follow at once.
  private int moreOfTheHead(int fd, int length) {
    MemorySegment rest = response.asSlice(length);
    int there = kernel.recv(fd, rest, Socket.MSG_PEEK);
    int wanted = there;
    for (int end = length + 1; end < length + there; end++) {
      if (endsWithEmptyLine(end)) {
        wanted = end - length;
        break;
      }
    }
    return wanted <= 0 ? wanted : kernel.recv(fd, rest.asSlice(0, wanted), 0);
  }

  private boolean endsWithEmptyLine(int length) {
    return length >= 4 && response.get(ValueLayout.JAVA_INT_UNALIGNED, length - 4L) == EMPTY_LINE;
  }

  private static final int EMPTY_LINE =
      MemorySegment.ofArray("\r\n\r\n".getBytes(US_ASCII)).get(ValueLayout.JAVA_INT_UNALIGNED, 0);

  @Override
  public void close() {
    arena.close();
  }
}
