package dev.pollux.lab.service;

import dev.pollux.lab.worker.Arguments;
import dev.pollux.lab.worker.Job;
import dev.pollux.sys.Epoll;
import dev.pollux.sys.EpollEvents;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.LinuxKernel;
import dev.pollux.sys.Socket;
import dev.pollux.websocket.FrameWriter;
import dev.pollux.websocket.Masking;
import dev.pollux.websocket.Opcode;
import java.io.IOException;
import java.io.Serializable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// The WebSocket clients of a server, in a process of its own, so that their descriptors and their
/// CPU time are not the server's. One thread, all sockets on one epoll.
///
/// Orders: `connect` with `port`, `target` and `count` opens so many more, stops at the first that
/// is refused, and answers with [Connected]; `exchange` with `active` and `millis` lets so many of
/// them send 64 bytes and wait for the echo, again and again, checks every byte, and answers with
/// [Exchanged]; `drop` closes all.
public final class WebSocketFarEnds implements Job {
  private static final int PAYLOAD_BYTES = 64;
  private static final int ECHO_BYTES = 2 + PAYLOAD_BYTES;
  private static final int EVENTS = 256;
  private static final int WAIT_MILLIS = 100;
  private static final long DRAINING_NANOS = 10_000_000_000L;
  private static final int MOST_LATENCIES = 1 << 22;

  private final Arena arena = Arena.ofConfined();
  private final Kernel kernel = new LinuxKernel(arena);
  private final EpollEvents events = EpollEvents.allocate(arena, EVENTS);
  private final MemorySegment out = arena.allocate(FrameWriter.MAX_HEADER_BYTES + PAYLOAD_BYTES);
  private final MemorySegment in = arena.allocate(4 * ECHO_BYTES);
  private final SplittableRandom keys = new SplittableRandom();
  private int epfd = -1;

  // Of each client: its descriptor, when it sent, and how much of its echo has come.
  private int[] fds = new int[0];
  private long[] sentNanos = new long[0];
  private int[] received = new int[0];
  private int count;
  private long[] latencies = new long[1024];

  /// How it went.
  ///
  /// @param held WebSockets that are open now
  /// @param refused how many the server refused
  public record Connected(int held, int refused) implements Serializable {}

  /// What went to and fro, and how long the echoes took.
  ///
  /// @param messages echoes that came back whole
  /// @param nanos how long all of it took
  public record Exchanged(
      long messages, long nanos, double p50Micros, double p99Micros, double p999Micros)
      implements Serializable {

    /// Echoes in a second.
    public double perSecond() {
      return messages * 1e9 / nanos;
    }
  }

  @Override
  public @Nullable Serializable carryOut(String order, Arguments arguments) throws IOException {
    return switch (order) {
      case "connect" ->
          connect(arguments.number("port"), arguments.text("target"), arguments.number("count"));
      case "exchange" -> exchange(arguments.number("active"), arguments.number("millis"));
      case "drop" -> {
        drop();
        yield null;
      }
      default -> throw new IllegalArgumentException("far ends have no order " + order);
    };
  }

  private Connected connect(int port, String target, int more) throws IOException {
    if (epfd < 0) {
      epfd = check("epoll_create1", kernel.epollCreate1(Epoll.EPOLL_CLOEXEC));
    }
    fds = Arrays.copyOf(fds, count + more);
    sentNanos = Arrays.copyOf(sentNanos, count + more);
    received = Arrays.copyOf(received, count + more);
    try (UpgradeRequests requests = new UpgradeRequests(kernel, port, target)) {
      for (int i = 0; i < more; i++) {
        int fd = requests.open();
        if (fd < 0) {
          return new Connected(count, 1);
        }
        check("epoll_ctl", kernel.epollCtl(epfd, Epoll.EPOLL_CTL_ADD, fd, Epoll.EPOLLIN, count));
        fds[count++] = fd;
      }
    }
    return new Connected(count, 0);
  }

  private void drop() {
    for (int i = 0; i < count; i++) {
      kernel.close(fds[i]);
    }
    count = 0;
  }

  private Exchanged exchange(int active, int millis) throws IOException {
    if (active > count) {
      throw new IOException("only " + count + " clients are connected, not " + active);
    }
    long begin = System.nanoTime();
    long deadline = begin + millis * 1_000_000L;
    int echoes = 0;
    int underWay = active;
    for (int i = 0; i < active; i++) {
      send(i, begin);
    }
    while (underWay > 0) {
      int ready = kernel.epollWait(epfd, events, WAIT_MILLIS);
      long now = System.nanoTime();
      if (now - deadline > DRAINING_NANOS) {
        throw new IOException(underWay + " echoes have not come back");
      }
      for (int i = 0; i < ready; i++) {
        int client = (int) events.data(i);
        if (receive(client)) {
          note(echoes++, System.nanoTime() - sentNanos[client]);
          if (now - deadline < 0) {
            send(client, System.nanoTime());
          } else {
            underWay--;
          }
        }
      }
    }
    return exchanged(echoes, System.nanoTime() - begin);
  }

  private void note(int index, long nanos) {
    if (index < MOST_LATENCIES) {
      if (index == latencies.length) {
        latencies = Arrays.copyOf(latencies, 2 * index);
      }
      latencies[index] = nanos;
    }
  }

  private Exchanged exchanged(int echoes, long nanos) {
    Latencies all = new Latencies(latencies, Math.min(echoes, MOST_LATENCIES), nanos, false);
    return new Exchanged(echoes, nanos, all.micros(0.5), all.micros(0.99), all.micros(0.999));
  }

  private void send(int client, long now) throws IOException {
    int key = keys.nextInt();
    int header = FrameWriter.writeHeader(out, 0, Opcode.BINARY, true, 0, PAYLOAD_BYTES, key);
    out.asSlice(header, PAYLOAD_BYTES).fill(stamp(client));
    Masking.mask(out, header, PAYLOAD_BYTES, key, 0);
    sentNanos[client] = now;
    received[client] = 0;
    int length = header + PAYLOAD_BYTES;
    int sent = kernel.send(fds[client], out, 0, length, Socket.MSG_NOSIGNAL);
    if (sent != length) {
      throw new IOException("send of a message: " + (sent < 0 ? Errno.describe(sent) : sent));
    }
  }

  /// True if the echo is whole.
  private boolean receive(int client) throws IOException {
    int length = kernel.recv(fds[client], in, 0);
    if (length == -Errno.EAGAIN || length == -Errno.EINTR) {
      return false;
    }
    if (length <= 0) {
      throw new IOException("a client lost its server: " + Errno.describe(length));
    }
    for (int i = 0; i < length; i++) {
      int at = received[client]++;
      int expected = at == 0 ? 0x80 | Opcode.BINARY : at == 1 ? PAYLOAD_BYTES : stamp(client);
      if (at >= ECHO_BYTES || in.get(ValueLayout.JAVA_BYTE, i) != (byte) expected) {
        throw new IOException("an echo of 64 bytes came back as others");
      }
    }
    return received[client] == ECHO_BYTES;
  }

  /// Differs from client to client, so that an echo that goes to another one is noticed.
  private static byte stamp(int client) {
    return (byte) (client * 37 + 11);
  }

  private static int check(String call, int result) throws IOException {
    if (result < 0) {
      throw new IOException(call + ": " + Errno.describe(result));
    }
    return result;
  }
}
