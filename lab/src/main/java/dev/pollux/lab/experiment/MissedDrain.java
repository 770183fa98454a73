package dev.pollux.lab.experiment;

import dev.pollux.lab.machine.Eintr;
import dev.pollux.sys.Epoll;
import dev.pollux.sys.EpollEvents;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.LinuxKernel;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/// What happens to somebody who does not read all that is there, on a real socket with real calls.
///
/// 100 bytes arrive, 60 are read, and epoll_wait(2) is called again: the peer has nothing more to
/// say, because it waits for an answer.
final class MissedDrain {
  private static final int FIRST_BYTES = 100;
  private static final int READ_BYTES = 60;
  private static final int MORE_BYTES = 10;

  private final Kernel kernel;
  private final int waitMillis;
  private final EpollEvents events;
  private final MemorySegment bytes;
  private final List<Step> steps = new ArrayList<>();

  /// A wait after something was done.
  ///
  /// @param after what was done
  /// @param unread bytes that were there to be read
  /// @param told whether the wait told of them
  /// @param waitedMicros how long it took
  record Step(String after, int unread, boolean told, double waitedMicros) {}

  private MissedDrain(Kernel kernel, Arena arena, int waitMillis) {
    this.kernel = kernel;
    this.waitMillis = waitMillis;
    this.events = EpollEvents.allocate(arena, 8);
    this.bytes = arena.allocate(FIRST_BYTES);
  }

  /// Does it.
  ///
  /// @param waitMillis how long each wait may take; silence is known only after it
  /// @throws IOException naming the call that failed, and its errno
  static List<Step> steps(boolean edgeTriggered, int waitMillis) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Kernel kernel = new LinuxKernel(arena);
      MissedDrain drain = new MissedDrain(kernel, arena, waitMillis);
      drain.connected(arena, edgeTriggered ? Epoll.EPOLLIN | Epoll.EPOLLET : Epoll.EPOLLIN);
      return List.copyOf(drain.steps);
    }
  }

  private void connected(Arena arena, int interest) throws IOException {
    SockAddr address =
        SockAddr.of(arena, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    int listening = check("socket", kernel.socket(address.family(), Socket.SOCK_STREAM, 0));
    try {
      check("bind", kernel.bind(listening, address));
      check("listen", kernel.listen(listening, 1));
      check("getsockname", kernel.getsockname(listening, address));
      int peer = check("socket", kernel.socket(address.family(), Socket.SOCK_STREAM, 0));
      try {
        check("connect", kernel.connect(peer, address));
        int ours = check("accept4", kernel.accept4(listening, null, Socket.SOCK_NONBLOCK));
        try {
          watched(peer, ours, interest);
        } finally {
          kernel.close(ours);
        }
      } finally {
        kernel.close(peer);
      }
    } finally {
      kernel.close(listening);
    }
  }

  private void watched(int peer, int ours, int interest) throws IOException {
    int epfd = check("epoll_create1", kernel.epollCreate1(Epoll.EPOLL_CLOEXEC));
    try {
      check("epoll_ctl", kernel.epollCtl(epfd, Epoll.EPOLL_CTL_ADD, ours, interest, 0));
      check("send", kernel.send(peer, bytes, 0, FIRST_BYTES, Socket.MSG_NOSIGNAL));
      await(epfd, "%d bytes arrive".formatted(FIRST_BYTES), FIRST_BYTES);
      check("recv", kernel.recv(ours, bytes.asSlice(0, READ_BYTES), 0));
      await(epfd, "%d are read".formatted(READ_BYTES), FIRST_BYTES - READ_BYTES);
      check("send", kernel.send(peer, bytes, 0, MORE_BYTES, Socket.MSG_NOSIGNAL));
      int unread = FIRST_BYTES - READ_BYTES + MORE_BYTES;
      await(epfd, "%d more arrive".formatted(MORE_BYTES), unread);
      while (kernel.recv(ours, bytes, 0) > 0) {
        // Until EAGAIN.
      }
      await(epfd, "all is read, until EAGAIN", 0);
    } finally {
      kernel.close(epfd);
    }
  }

  private void await(int epfd, String after, int unread) throws IOException {
    long begin = System.nanoTime();
    int ready =
        check("epoll_wait", Eintr.retried(() -> kernel.epollWait(epfd, events, waitMillis)));
    steps.add(new Step(after, unread, ready == 1, (System.nanoTime() - begin) / 1e3));
  }

  private static int check(String call, int result) throws IOException {
    if (result < 0) {
      throw new IOException(call + ": " + Errno.describe(result));
    }
    return result;
  }
}
