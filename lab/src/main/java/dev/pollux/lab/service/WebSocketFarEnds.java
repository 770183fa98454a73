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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// The WebSocket clients of a server, in a process of its own, so that their descriptors and their
/// CPU time are not the server's. One thread, all sockets on one epoll.
///
/// Orders: `connect` with `port`, `target` and `count` opens so many more, stops at the first that
/// is refused, and answers with [Connected]; `exchange` with `active` and `millis` lets so many of
/// them send 64 bytes and wait for the echo, again and again, checks every byte, and answers with
/// [Exchanged]; `drop` closes all. Meanwhile all of them answer the server's pings.
public final class WebSocketFarEnds implements Job {
  private static final int PAYLOAD_BYTES = 64;
  private static final int IN_BYTES = 256;
  private static final int EVENTS = 256;
  private static final int WAIT_MILLIS = 100;
  private static final long DRAINING_NANOS = 10_000_000_000L;
  private static final int MOST_LATENCIES = 1 << 22;

  private final Arena arena = Arena.ofConfined();
  private final Kernel kernel = new LinuxKernel(arena);
  private final EpollEvents events = EpollEvents.allocate(arena, EVENTS);
  private final MemorySegment out =
      arena.allocate(FrameWriter.MAX_HEADER_BYTES + FrameWriter.MAX_CONTROL_BYTES);
  private final MemorySegment in = arena.allocate(IN_BYTES);
  private final SplittableRandom keys = new SplittableRandom();
  private int epfd = -1;

  private final List<Client> clients = new ArrayList<>();
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
    try (UpgradeRequests requests = new UpgradeRequests(kernel, port, target)) {
      for (int i = 0; i < more; i++) {
        int fd = requests.open();
        if (fd < 0) {
          return new Connected(clients.size(), 1);
        }
        int next = clients.size();
        check("epoll_ctl", kernel.epollCtl(epfd, Epoll.EPOLL_CTL_ADD, fd, Epoll.EPOLLIN, next));
        clients.add(new Client(fd, stamp(next)));
      }
    }
    return new Connected(clients.size(), 0);
  }

  private void drop() {
    clients.forEach(client -> kernel.close(client.fd));
    clients.clear();
  }

  private Exchanged exchange(int active, int millis) throws IOException {
    if (active > clients.size()) {
      throw new IOException("only " + clients.size() + " clients are connected, not " + active);
    }
    long begin = System.nanoTime();
    long deadline = begin + millis * 1_000_000L;
    int echoes = 0;
    int underWay = active;
    for (int i = 0; i < active; i++) {
      clients.get(i).ask(begin);
    }
    while (underWay > 0) {
      int ready = kernel.epollWait(epfd, events, WAIT_MILLIS);
      long now = System.nanoTime();
      if (now - deadline > DRAINING_NANOS) {
        throw new IOException(underWay + " echoes have not come back");
      }
      for (int i = 0; i < ready; i++) {
        Client client = clients.get((int) events.data(i));
        if (client.receive()) {
          note(echoes++, System.nanoTime() - client.askedNanos);
          if (now - deadline < 0) {
            client.ask(System.nanoTime());
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

  /// One of the clients: what it has sent, and how much of the echo has come.
  private final class Client implements ServerFrames.Receiver {
    private final int fd;
    private final byte stamp;
    private final ServerFrames frames = new ServerFrames(this);
    private long askedNanos;
    private int received;
    private boolean waiting;

    Client(int fd, byte stamp) {
      this.fd = fd;
      this.stamp = stamp;
    }

    void ask(long now) throws IOException {
      int key = keys.nextInt();
      int header = FrameWriter.writeHeader(out, 0, Opcode.BINARY, true, 0, PAYLOAD_BYTES, key);
      out.asSlice(header, PAYLOAD_BYTES).fill(stamp);
      Masking.mask(out, header, PAYLOAD_BYTES, key, 0);
      askedNanos = now;
      waiting = true;
      send(header + PAYLOAD_BYTES);
    }

    private void send(int length) throws IOException {
      int sent = kernel.send(fd, out, 0, length, Socket.MSG_NOSIGNAL);
      if (sent != length) {
        throw new IOException("send of a message: " + (sent < 0 ? Errno.describe(sent) : sent));
      }
    }

    /// True if the echo has become whole.
    boolean receive() throws IOException {
      int length = kernel.recv(fd, in, 0);
      if (length == -Errno.EAGAIN || length == -Errno.EINTR) {
        return false;
      }
      if (length <= 0) {
        throw new IOException(
            "a client lost its server: "
                + (length == 0 ? "it ended the connection" : Errno.describe(length)));
      }
      boolean asked = waiting;
      frames.take(in, length);
      return asked && !waiting;
    }

    @Override
    public void onStart(int messageOpcode) throws IOException {
      if (!waiting) {
        throw new IOException("a message came that nobody asked for");
      }
      if (messageOpcode != Opcode.BINARY) {
        throw different();
      }
      received = 0;
    }

    @Override
    public void onPayload(MemorySegment buffer, int offset, int length) throws IOException {
      for (int i = 0; i < length; i++) {
        if (buffer.get(ValueLayout.JAVA_BYTE, offset + (long) i) != stamp) {
          throw different();
        }
      }
      received += length;
    }

    @Override
    public void onMessage() throws IOException {
      if (received != PAYLOAD_BYTES) {
        throw different();
      }
      waiting = false;
    }

    @Override
    public void answer(byte[] frame) throws IOException {
      MemorySegment.copy(frame, 0, out, ValueLayout.JAVA_BYTE, 0, frame.length);
      send(frame.length);
    }
  }

  private static IOException different() {
    return new IOException("an echo of 64 bytes came back as others");
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
