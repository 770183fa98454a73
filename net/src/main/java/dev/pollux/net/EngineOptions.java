package dev.pollux.net;

import dev.pollux.sys.Kernel;
import dev.pollux.sys.LinuxKernel;
import dev.pollux.sys.Ring;
import dev.pollux.sys.TraceSink;
import dev.pollux.sys.TracingKernel;
import dev.pollux.sys.TracingRing;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/// What an engine is started with. Every limit has a default and a name.
///
/// @param model the I/O model
/// @param loops loops that serve, 0 for the model's default (the cores; one for `nonblocking`); if
///   there are two or more, one more accepts
/// @param backlog accepted connections that the kernel may queue (it caps this at
///   `net.core.somaxconn`)
/// @param maxConnections connections open at once; more are refused
/// @param receiveBufferBytes size of a loop's receive buffer (of each connection's in `blocking`)
/// @param mailboxCapacity tasks ([Connection#execute]) that may wait for one connection
/// @param linger how long [Connection#close] waits for the peer's FIN
/// @param userTimeout how long sent bytes may stay unacknowledged, or the peer's window closed,
///   until the kernel gives a connection up (`TCP_USER_TIMEOUT`, tcp(7)); 0 leaves it to the system
/// @param threadName what the names of the engine's threads begin with
/// @param kernels put around the kernel of each owner (a loop, a connection's thread) when it is
///   made; for tests and tracing
/// @param nanoClock the time in nanoseconds from any origin; for simulation
/// @param ring how the rings of `io_uring` are
/// @param memory what peers may cause the engine to hold outside the heap; engines with the same
///   one share it
public record EngineOptions(
    IoModel model,
    int loops,
    int backlog,
    int maxConnections,
    int receiveBufferBytes,
    int mailboxCapacity,
    Duration linger,
    Duration userTimeout,
    String threadName,
    UnaryOperator<Kernel> kernels,
    LongSupplier nanoClock,
    RingOptions ring,
    MemoryBudget memory) {

  public EngineOptions {
    requireBetween("loops", loops, 0, 1024);
    requireBetween("backlog", backlog, 1, 1 << 20);
    requireBetween("maxConnections", maxConnections, 1, Integer.MAX_VALUE);
    requireBetween("receiveBufferBytes", receiveBufferBytes, 512, 1 << 24);
    requireBetween("mailboxCapacity", mailboxCapacity, 1, 1 << 24);
    if (linger.isNegative() || linger.compareTo(Duration.ofMinutes(5)) > 0) {
      throw new IllegalArgumentException(
          "linger is " + linger + "; it must be from 0 to 5 minutes");
    }
    if (userTimeout.isNegative() || userTimeout.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(
          "userTimeout is " + userTimeout + "; it must be from 0 to 1 day");
    }
  }

  /// The defaults for a model.
  public static EngineOptions of(IoModel model) {
    return new EngineOptions(
        model,
        0,
        4096,
        1_000_000,
        64 * 1024,
        64 * 1024,
        Duration.ofSeconds(2),
        Duration.ofSeconds(60),
        "pollux",
        UnaryOperator.identity(),
        System::nanoTime,
        RingOptions.DEFAULT,
        MemoryBudget.ofMachine());
  }

  public EngineOptions withModel(IoModel other) {
    return new EngineOptions(
        other,
        loops,
        backlog,
        maxConnections,
        receiveBufferBytes,
        mailboxCapacity,
        linger,
        userTimeout,
        threadName,
        kernels,
        nanoClock,
        ring,
        memory);
  }

  public EngineOptions withLoops(int count) {
    return new EngineOptions(
        model,
        count,
        backlog,
        maxConnections,
        receiveBufferBytes,
        mailboxCapacity,
        linger,
        userTimeout,
        threadName,
        kernels,
        nanoClock,
        ring,
        memory);
  }

  public EngineOptions withMaxConnections(int connections) {
    return new EngineOptions(
        model,
        loops,
        backlog,
        connections,
        receiveBufferBytes,
        mailboxCapacity,
        linger,
        userTimeout,
        threadName,
        kernels,
        nanoClock,
        ring,
        memory);
  }

  public EngineOptions withReceiveBufferBytes(int bytes) {
    return new EngineOptions(
        model,
        loops,
        backlog,
        maxConnections,
        bytes,
        mailboxCapacity,
        linger,
        userTimeout,
        threadName,
        kernels,
        nanoClock,
        ring,
        memory);
  }

  public EngineOptions withMailboxCapacity(int tasks) {
    return new EngineOptions(
        model,
        loops,
        backlog,
        maxConnections,
        receiveBufferBytes,
        tasks,
        linger,
        userTimeout,
        threadName,
        kernels,
        nanoClock,
        ring,
        memory);
  }

  public EngineOptions withLinger(Duration time) {
    return new EngineOptions(
        model,
        loops,
        backlog,
        maxConnections,
        receiveBufferBytes,
        mailboxCapacity,
        time,
        userTimeout,
        threadName,
        kernels,
        nanoClock,
        ring,
        memory);
  }

  public EngineOptions withUserTimeout(Duration time) {
    return new EngineOptions(
        model,
        loops,
        backlog,
        maxConnections,
        receiveBufferBytes,
        mailboxCapacity,
        linger,
        time,
        threadName,
        kernels,
        nanoClock,
        ring,
        memory);
  }

  public EngineOptions withThreadName(String name) {
    return new EngineOptions(
        model,
        loops,
        backlog,
        maxConnections,
        receiveBufferBytes,
        mailboxCapacity,
        linger,
        userTimeout,
        name,
        kernels,
        nanoClock,
        ring,
        memory);
  }

  public EngineOptions withKernels(UnaryOperator<Kernel> around) {
    return new EngineOptions(
        model,
        loops,
        backlog,
        maxConnections,
        receiveBufferBytes,
        mailboxCapacity,
        linger,
        userTimeout,
        threadName,
        around,
        nanoClock,
        ring,
        memory);
  }

  /// With a line for each call of the system's kernel and each operation of a ring
  /// ([dev.pollux.sys.Trace] writes them), around what [#kernels] and [RingOptions#rings] put there
  /// before. Model `nio` has none: there the JDK makes the calls.
  public EngineOptions withTrace(TraceSink sink) {
    UnaryOperator<Kernel> around = kernels;
    UnaryOperator<Ring> aroundRings = ring.rings();
    return withKernels(kernel ->
            kernel instanceof LinuxKernel
                ? new TracingKernel(around.apply(kernel), sink)
                : around.apply(kernel))
        .withRing(ring.withRings(opened -> new TracingRing(aroundRings.apply(opened), sink)));
  }

  public EngineOptions withNanoClock(LongSupplier clock) {
    return new EngineOptions(
        model,
        loops,
        backlog,
        maxConnections,
        receiveBufferBytes,
        mailboxCapacity,
        linger,
        userTimeout,
        threadName,
        kernels,
        clock,
        ring,
        memory);
  }

  public EngineOptions withRing(RingOptions rings) {
    return new EngineOptions(
        model,
        loops,
        backlog,
        maxConnections,
        receiveBufferBytes,
        mailboxCapacity,
        linger,
        userTimeout,
        threadName,
        kernels,
        nanoClock,
        rings,
        memory);
  }

  public EngineOptions withMemory(MemoryBudget budget) {
    return new EngineOptions(
        model,
        loops,
        backlog,
        maxConnections,
        receiveBufferBytes,
        mailboxCapacity,
        linger,
        userTimeout,
        threadName,
        kernels,
        nanoClock,
        ring,
        budget);
  }

  private static void requireBetween(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " is " + value + "; it must be from " + least + " to " + most);
    }
  }
}
