package dev.pollux.lab.experiment;

import dev.pollux.lab.machine.Machine;
import dev.pollux.lab.worker.Arguments;
import dev.pollux.lab.worker.Job;
import dev.pollux.net.IoModel;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.LinuxKernel;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import java.io.IOException;
import java.io.Serializable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// The classic experiment of libevent's author: of N sockets that are watched, A are made readable,
/// found out by one way of waiting, and read; again and again.
///
/// Each socket is UDP and connected to itself: what it sends, it receives. So a process that may
/// have 20,000 descriptors can watch nearly as many, with nobody else to wait for.
///
/// Orders: `sockets` with `count` makes as many as that, and answers with how many there are, which
/// may be more; `rounds` with `models`, `active`, `watched`, `millis` and `slices` answers with
/// [Measured].
public final class WatchBench implements Job {
  private static final int SOCK_DGRAM = 2;
  private static final int SOCKETS_PER_ADDRESS = 4_000;

  /// What select(2) is shown with. They are made before anything else, as it can't watch what is
  /// beyond FD_SETSIZE, and a JVM opens more and more jars as time goes by.
  private static final int LOW_SOCKETS = 1_000;

  private static final int SPARE_DESCRIPTORS = 200;
  private static final int LEAST_ROUNDS = 1;
  private static final int MOST_SAMPLES = 4_096;
  private static final long SEED = 42;

  private final Arena arena = Arena.ofConfined();
  private final Kernel kernel = new LinuxKernel(arena);
  private final SockAddr address = SockAddr.allocate(arena);
  private final MemorySegment buffer = arena.allocate(16);
  private final Random random = new Random(SEED);
  private final ThreadMXBean clock = ManagementFactory.getThreadMXBean();
  private final long[] waitNanos = new long[MOST_SAMPLES];
  private int[] fds = new int[0];
  private int[] ready = new int[0];

  /// With the first sockets.
  ///
  /// @throws IOException if they can't be made
  public WatchBench() throws IOException {
    sockets((int) Math.min(LOW_SOCKETS, mostSockets()));
  }

  /// How many a process may have here, with some descriptors left for the rest of it.
  static long mostSockets() {
    return Machine.here().descriptorLimit() - SPARE_DESCRIPTORS;
  }

  /// Costs, each the median of some slices of time.
  ///
  /// @param microsPerEvent CPU time of a round, for each of its events: a byte sent, found out,
  ///   received; nothing sleeps here, so that it is the time that it takes on a machine of its own
  /// @param microsPerRound what all the waits of a round took, with what the program has to look
  ///   through afterwards; the median of the rounds
  /// @param waits how many waits a round took
  public record Rounds(double microsPerEvent, double microsPerRound, double waits)
      implements Serializable {}

  /// The costs of the models that can watch so many.
  public record Measured(Map<String, Rounds> byModel) implements Serializable {}

  @Override
  public @Nullable Serializable carryOut(String order, Arguments arguments) throws IOException {
    return switch (order) {
      case "sockets" -> sockets(arguments.number("count"));
      case "rounds" -> rounds(arguments);
      default -> throw new IllegalArgumentException("a watch bench has no order " + order);
    };
  }

  private int sockets(int count) throws IOException {
    int have = fds.length;
    fds = Arrays.copyOf(fds, Math.max(have, count));
    ready = new int[fds.length];
    for (int i = have; i < count; i++) {
      fds[i] = socketToItself(i);
    }
    return fds.length;
  }

  private int socketToItself(int index) throws IOException {
    int fd =
        kernel.socket(Socket.AF_INET, SOCK_DGRAM | Socket.SOCK_NONBLOCK | Socket.SOCK_CLOEXEC, 0);
    requireSuccess("socket", fd);
    byte[] host = {127, 0, 0, (byte) (2 + index / SOCKETS_PER_ADDRESS)};
    address.set(new InetSocketAddress(InetAddress.getByAddress(host), 0));
    requireSuccess("bind", kernel.bind(fd, address));
    requireSuccess("getsockname", kernel.getsockname(fd, address));
    requireSuccess("connect", kernel.connect(fd, address));
    return fd;
  }

  private static void requireSuccess(String call, int result) throws IOException {
    if (result < 0) {
      throw new IOException(call + ": " + Errno.describe(result));
    }
  }

  @Override
  public void close() {
    for (int fd : fds) {
      kernel.close(fd);
    }
    fds = new int[0];
    arena.close();
  }

  /// The models take turns, in slices: what disturbs the machine disturbs all of them.
  private Measured rounds(Arguments arguments) throws IOException {
    int watched = arguments.number("watched");
    int active = arguments.number("active");
    int slices = arguments.number("slices");
    long nanosPerSlice = arguments.number("millis") * 1_000_000L / slices;
    int[] some = Arrays.copyOf(fds, watched);
    Map<String, List<Rounds>> measured = new LinkedHashMap<>();
    for (int slice = 0; slice < slices; slice++) {
      for (String word : arguments.texts("models")) {
        IoModel model = IoModel.of(word);
        if (some[watched - 1] <= Waiter.highestDescriptor(model)) {
          measured
              .computeIfAbsent(model.word(), w -> new ArrayList<>())
              .add(slice(model, some, active, nanosPerSlice));
        }
      }
    }
    Map<String, Rounds> medians = new LinkedHashMap<>();
    measured.forEach((word, all) -> medians.put(word, median(all)));
    return new Measured(medians);
  }

  private Rounds slice(IoModel model, int[] some, int active, long nanos) throws IOException {
    try (Arena memory = Arena.ofConfined();
        Waiter waiter =
            Waiter.watching(model, some, kernel, memory)
                .orElseThrow(() -> new IllegalArgumentException(model + " has no way to wait"))) {
      // The first one finds nothing in any cache.
      round(waiter, some, active);
      int rounds = 0;
      long waits = 0;
      long cpu = clock.getCurrentThreadCpuTime();
      long begin = System.nanoTime();
      long now = begin;
      while (now - begin < nanos || rounds < LEAST_ROUNDS) {
        long result = round(waiter, some, active);
        waitNanos[rounds % MOST_SAMPLES] = result & 0xff_ffff_ffffL;
        waits += result >>> 40;
        rounds++;
        now = System.nanoTime();
      }
      double micros = (clock.getCurrentThreadCpuTime() - cpu) / 1e3;
      return new Rounds(
          micros / rounds / active, medianWait(rounds) / 1e3, (double) waits / rounds);
    }
  }

  /// @return how many waits, above 40 bits of nanoseconds that they took
  private long round(Waiter waiter, int[] some, int active) throws IOException {
    int offset = random.nextInt(some.length);
    for (int i = 0; i < active; i++) {
      int at = (int) ((offset + (long) i * some.length / active) % some.length);
      requireSuccess("send", kernel.send(some[at], buffer, 0, 1, 0));
    }
    long waiting = 0;
    long waits = 0;
    int left = active;
    while (left > 0) {
      long before = System.nanoTime();
      int found = waiter.await(ready);
      waiting += System.nanoTime() - before;
      waits++;
      if (found == -Errno.EINTR) {
        continue;
      }
      requireSuccess("wait", found);
      for (int i = 0; i < found; i++) {
        requireSuccess("recv", kernel.recv(some[ready[i]], buffer, 0));
      }
      left -= found;
    }
    return waits << 40 | waiting;
  }

  private double medianWait(int rounds) {
    return Medians.of(
        Arrays.stream(waitNanos, 0, Math.min(rounds, MOST_SAMPLES)).asDoubleStream().toArray());
  }

  private static Rounds median(List<Rounds> all) {
    return new Rounds(
        Medians.of(all.stream().mapToDouble(Rounds::microsPerEvent).toArray()),
        Medians.of(all.stream().mapToDouble(Rounds::microsPerRound).toArray()),
        Medians.of(all.stream().mapToDouble(Rounds::waits).toArray()));
  }
}
