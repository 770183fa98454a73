package dev.pollux.lab.experiment;

import dev.pollux.lab.worker.Arguments;
import dev.pollux.lab.worker.Job;
import dev.pollux.sys.Epoll;
import dev.pollux.sys.EpollEvents;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Fcntl;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.LinuxKernel;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import java.io.IOException;
import java.io.Serializable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The clients of a server, in a process of its own, so that their descriptors and their CPU time
/// are not the server's. One thread, all sockets on one epoll.
///
/// Orders: `connect` with `port` and `count` opens so many more and answers with [Connected];
/// `exchange` with `active`, `millis` and `bytes` lets so many of them send a message and wait for
/// its echo, again and again, checks every byte, and answers with [Exchanged]; `drop` closes all.
public final class FarEnds implements Job {
  private static final int CONNECTIONS_PER_SOURCE = 4_000;

  // Fewer than a server's backlog: what is beyond it has to try again after a second.
  private static final int CONNECTIONS_AT_ONCE = 1_000;
  private static final int EVENTS = 256;
  private static final int MAX_BYTES = 16 * 1024;
  private static final int SETTLING_MILLIS = 5_000;
  private static final int DRAINING_MILLIS = 10_000;

  private final Arena arena = Arena.ofConfined();
  private final Kernel kernel = new LinuxKernel(arena);
  private final SockAddr address = SockAddr.allocate(arena);
  private final MemorySegment reset = Socket.linger(arena, true, 0);
  private final EpollEvents events = EpollEvents.allocate(arena, EVENTS);
  private final MemorySegment out = arena.allocate(MAX_BYTES);
  private final MemorySegment in = arena.allocate(MAX_BYTES);
  private int[] fds = new int[0];
  private int[] received = new int[0];
  private byte[] stamps = new byte[0];

  /// How it went.
  ///
  /// @param held connections that are open now
  /// @param refused connections that the server has ended by itself, or not accepted
  public record Connected(int held, int refused) implements Serializable {}

  /// What went to and fro.
  ///
  /// @param messages echoes that came back whole
  /// @param nanos how long it took
  public record Exchanged(long messages, long nanos) implements Serializable {

    /// Echoes in a second.
    public double perSecond() {
      return messages * 1e9 / nanos;
    }
  }

  @Override
  public @Nullable Serializable carryOut(String order, Arguments arguments) throws IOException {
    return switch (order) {
      case "connect" -> connect(arguments.number("port"), arguments.number("count"));
      case "exchange" ->
          exchange(
              arguments.number("active"), arguments.number("millis"), arguments.number("bytes"));
      case "drop" -> drop();
      default -> throw new IllegalArgumentException("far ends have no order " + order);
    };
  }

  private Connected connect(int port, int count) throws IOException {
    InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    int before = fds.length;
    for (int left = count; left > 0; left -= CONNECTIONS_AT_ONCE) {
      connectAtOnce(server, Math.min(left, CONNECTIONS_AT_ONCE));
    }
    return new Connected(fds.length, before + count - fds.length);
  }

  private void connectAtOnce(InetSocketAddress server, int count) throws IOException {
    int before = fds.length;
    int[] opened = new int[count];
    int open = 0;
    for (int i = 0; i < count; i++) {
      int fd = connect(server, before + i);
      if (fd >= 0) {
        opened[open++] = fd;
      }
    }
    int[] more = new int[before + open];
    System.arraycopy(fds, 0, more, 0, before);
    System.arraycopy(opened, 0, more, before, open);
    fds = more;
    keepThoseThatAreServed(before);
  }

  private int connect(InetSocketAddress server, int index) throws IOException {
    int fd = kernel.socket(Socket.AF_INET, Socket.SOCK_STREAM | Socket.SOCK_CLOEXEC, 0);
    if (fd < 0) {
      throw new IOException("socket of client " + index + ": " + Errno.describe(fd));
    }
    byte[] source = {127, 0, 0, (byte) (2 + index / CONNECTIONS_PER_SOURCE)};
    address.set(new InetSocketAddress(InetAddress.getByAddress(source), 0));
    int result = kernel.bind(fd, address);
    if (result == 0) {
      address.set(server);
      result = kernel.connect(fd, address);
    }
    if (result < 0) {
      kernel.close(fd);
      return result;
    }
    kernel.setsockopt(fd, Socket.IPPROTO_TCP, Socket.TCP_NODELAY, 1);
    kernel.setsockopt(fd, Socket.SOL_SOCKET, Socket.SO_LINGER, reset);
    kernel.fcntl(fd, Fcntl.F_SETFL, Fcntl.O_NONBLOCK);
    return fd;
  }

  /// A connection is served when it gets its byte back: the kernel completes a connection before
  /// the server has seen it.
  private void keepThoseThatAreServed(int from) throws IOException {
    int[] candidates = fds.clone();
    int epfd = epoll(from, candidates.length);
    boolean[] served = new boolean[candidates.length];
    int open = candidates.length - from;
    for (int i = from; i < candidates.length; i++) {
      out.set(ValueLayout.JAVA_BYTE, 0, (byte) i);
      kernel.send(candidates[i], out, 0, 1, Socket.MSG_NOSIGNAL);
    }
    long deadline = System.nanoTime() + SETTLING_MILLIS * 1_000_000L;
    while (open > 0 && System.nanoTime() < deadline) {
      int ready = kernel.epollWait(epfd, events, 100);
      for (int e = 0; e < ready; e++) {
        int i = (int) events.data(e);
        int length = kernel.recv(candidates[i], in, 0);
        // A refusal may come in words; the one who serves sends the very byte back.
        served[i] = length == 1 && in.get(ValueLayout.JAVA_BYTE, 0) == (byte) i;
        kernel.epollCtl(epfd, Epoll.EPOLL_CTL_DEL, candidates[i], 0, 0);
        open--;
      }
    }
    kernel.close(epfd);
    int kept = from;
    for (int i = from; i < candidates.length; i++) {
      if (served[i]) {
        candidates[kept++] = candidates[i];
      } else {
        kernel.close(candidates[i]);
      }
    }
    fds = Arrays.copyOf(candidates, kept);
    received = new int[kept];
    stamps = new byte[kept];
  }

  private int epoll(int from, int to) throws IOException {
    int epfd = kernel.epollCreate1(Epoll.EPOLL_CLOEXEC);
    if (epfd < 0) {
      throw new IOException("epoll_create1: " + Errno.describe(epfd));
    }
    for (int i = from; i < to; i++) {
      kernel.epollCtl(epfd, Epoll.EPOLL_CTL_ADD, fds[i], Epoll.EPOLLIN, i);
    }
    return epfd;
  }

  private Exchanged exchange(int active, int millis, int bytes) throws IOException {
    if (active > fds.length) {
      throw new IllegalArgumentException(active + " of " + fds.length + " cannot be active");
    }
    int epfd = epoll(0, fds.length);
    try {
      long begin = System.nanoTime();
      for (int i = 0; i < active; i++) {
        // Spread over all of them.
        send((int) ((long) i * fds.length / active), bytes);
      }
      long messages = 0;
      long end = begin + millis * 1_000_000L;
      boolean isOver = false;
      int waiting = active;
      long latest = end + DRAINING_MILLIS * 1_000_000L;
      while (waiting > 0) {
        int ready = kernel.epollWait(epfd, events, 1_000);
        long now = System.nanoTime();
        isOver = now >= end;
        if (now > latest) {
          throw new IOException(waiting + " messages did not come back in time");
        }
        for (int e = 0; e < ready; e++) {
          int i = (int) events.data(e);
          if (receive(i, bytes)) {
            messages++;
            if (isOver) {
              waiting--;
            } else {
              send(i, bytes);
            }
          }
        }
      }
      return new Exchanged(messages, System.nanoTime() - begin);
    } finally {
      kernel.close(epfd);
    }
  }

  private void send(int i, int bytes) throws IOException {
    stamps[i]++;
    received[i] = 0;
    out.asSlice(0, bytes).fill(stamps[i]);
    int sent = kernel.send(fds[i], out, 0, bytes, Socket.MSG_NOSIGNAL);
    if (sent != bytes) {
      throw new IOException(
          "client " + i + " could send " + sent + " of " + bytes + " bytes to an idle connection");
    }
  }

  private boolean receive(int i, int bytes) throws IOException {
    int length = kernel.recv(fds[i], in, 0);
    if (length == -Errno.EAGAIN) {
      return false;
    }
    if (length <= 0) {
      throw new IOException("client " + i + " was left by the server: " + length);
    }
    for (int at = 0; at < length; at++) {
      if (in.get(ValueLayout.JAVA_BYTE, at) != stamps[i]) {
        throw new IOException("client " + i + " got other bytes back than it sent");
      }
    }
    received[i] += length;
    return received[i] == bytes;
  }

  private int drop() {
    int count = fds.length;
    for (int fd : fds) {
      kernel.close(fd);
    }
    fds = new int[0];
    return count;
  }
}
