package dev.pollux.net.internal;

import dev.pollux.net.BufferPool;
import dev.pollux.net.ConnectOptions;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.EngineStatistics;
import dev.pollux.net.Protocol;
import dev.pollux.sys.CountingKernel;
import dev.pollux.sys.IoVector;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import dev.pollux.sys.SyscallLedger;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What every event loop has, whatever it waits with: memory, a mailbox, counts, and [#turn] after
/// turn.
///
/// The thread that makes a loop is the one that turns it: the loop's memory belongs to that thread,
/// and the JVM refuses it to any other. Only [#execute], [#stop], [#load] and [#statistics] are for
/// any thread.
abstract class Loop {
  private static final int TASKS_PER_TURN = 4096;
  private static final int PIECES_PER_SEND = 64;

  final EngineOptions options;
  final RateLimitedLog log;
  final LongSupplier nanoClock;
  final Arena arena = Arena.ofConfined();
  final SyscallLedger ledger = new SyscallLedger();
  final Mailbox mailbox;
  final Wakeup wakeup;
  final Counter accepted = new Counter();
  final Counter refused = new Counter();
  final Counter wakeups = new Counter();
  final Counter staleEvents = new Counter();
  final SpinDetector spins;
  volatile boolean stopping;

  private final Thread owner = Thread.currentThread();
  private final Kernel kernel;
  private final SlabPool buffers = new SlabPool(Arena::ofConfined);
  private final OutputStock outputs;
  private final MemorySegment resetOnClose;
  private final IoVector pieces;
  private final SockAddr scratchAddress;
  private final Batch batch = new Batch();
  private final AtomicInteger load = new AtomicInteger();
  private final Counter failures = new Counter();

  /// Makes a loop on the thread that will turn it.
  @FunctionalInterface
  interface Factory {
    Loop open(LoopEngine engine, RateLimitedLog log) throws IOException;
  }

  /// Something that listens, and can be told to stop. The loop's thread.
  interface Listening {
    void close();
  }

  /// @param kernels makes the kernel of each owner, with memory of that arena
  /// @param outputChunkBytes what a connection's output begins with
  Loop(
      EngineOptions options,
      Function<Arena, Kernel> kernels,
      int outputChunkBytes,
      RateLimitedLog log)
      throws IOException {
    this.options = options;
    this.log = log;
    this.spins = new SpinDetector(SpinDetector.LOOP_TOLERATES, log, this::reportInWords);
    this.nanoClock = options.nanoClock();
    this.kernel = new CountingKernel(kernels.apply(arena), ledger);
    this.mailbox = new Mailbox(options.mailboxCapacity());
    this.outputs = new OutputStock(buffers, outputChunkBytes);
    this.resetOnClose = Socket.linger(arena, true, 0);
    this.pieces = IoVector.allocate(arena, PIECES_PER_SEND);
    this.scratchAddress = SockAddr.allocate(arena);
    try {
      this.wakeup = new Wakeup(kernel, arena, kernels);
    } catch (IOException e) {
      closeMemory();
      throw e;
    }
  }

  // Any thread

  /// Runs a task in this loop, soon. False if the mailbox is full or the loop has ended.
  final boolean execute(Runnable task) {
    boolean taken = mailbox.offer(task);
    if (taken && !isOwner()) {
      wakeup.wake();
    }
    return taken;
  }

  final boolean isOwner() {
    return Thread.currentThread() == owner;
  }

  /// Connections that are the loop's or on the way to it.
  final AtomicInteger load() {
    return load;
  }

  /// Asks the loop to end all connections and itself at the end of its present turn.
  final void stop() {
    stopping = true;
    wakeup.wake();
  }

  final EngineStatistics statistics() {
    return new EngineStatistics(
        load.get(),
        accepted.get(),
        refused.get(),
        wakeups.get(),
        staleEvents.get(),
        spins.count(),
        failures.get(),
        ledger.snapshot().plus(wakeup.ledger().snapshot()));
  }

  // The turn

  /// Turns until [#stop] is called, then ends everything that the loop holds.
  final void run() {
    while (!stopping) {
      try {
        turn(Long.MAX_VALUE);
      } catch (Throwable t) {
        failures.increment();
        log.log(Level.ERROR, "a turn of " + owner.getName() + " failed; it goes on", t);
        spins.afterWakeup();
      }
    }
    end();
  }

  /// One turn, waiting for at most `maxWaitNanos`.
  abstract void turn(long maxWaitNanos);

  /// What a wait has reported, in words.
  abstract String reportInWords(long what, int reported);

  /// Ends all connections, gives back all descriptors and memory.
  abstract void end();

  /// Nanoseconds to the next timer, -1 if none is set.
  abstract long nanosToNextTimer();

  /// How long this turn may wait; -1 for ever.
  final long nanosToWait(long maxWaitNanos) {
    if (!batch.isEmpty() || !mailbox.isEmpty()) {
      return 0;
    }
    long next = nanosToNextTimer();
    return next < 0
        ? (maxWaitNanos == Long.MAX_VALUE ? -1 : maxWaitNanos)
        : Math.min(next, maxWaitNanos);
  }

  /// Says that the loop will wait, unless there is something to do now.
  final long announceWait(long waitNanos) {
    if (waitNanos != 0) {
      wakeup.beforeWait();
      if (stopping || !mailbox.isEmpty()) {
        return 0;
      }
    }
    return waitNanos;
  }

  /// Runs the tasks that wait, at most so many in a turn.
  ///
  /// Not those that they submit themselves: a task that submits itself again shares the loop with
  /// the connections, and does not keep it.
  final void runTasks() {
    runTasks(Math.min(TASKS_PER_TURN, mailbox.size()));
  }

  private void runTasks(int most) {
    for (int i = 0; i < most; i++) {
      Runnable task = mailbox.poll();
      if (task == null) {
        return;
      }
      spins.progress();
      try {
        task.run();
      } catch (Throwable t) {
        failures.increment();
        log.log(Level.ERROR, "a task of " + owner.getName() + " failed", t);
      }
    }
  }

  /// Accepts no more tasks, and runs those that were accepted.
  final void closeMailbox() {
    mailbox.close();
    while (!mailbox.isEmpty()) {
      runTasks(1);
    }
  }

  final void closeMemory() {
    buffers.close();
    arena.close();
  }

  // Connections

  /// Listens on an open listening socket, which is the loop's from now on.
  ///
  /// @throws IOException if it can't be watched; the socket is closed then
  abstract Listening listen(
      LoopEngine engine, int fd, InetSocketAddress address, Supplier<? extends Protocol> protocols)
      throws IOException;

  /// What a listening socket is opened with.
  int socketFlags() {
    return Socket.SOCK_NONBLOCK;
  }

  /// Whether there is room for one connection more. Any thread.
  boolean hasRoom() {
    return true;
  }

  /// What the loop uses of the kernel, for a person; nothing if there is no choice. Any thread.
  String details() {
    return "";
  }

  /// Hands what was accepted to the least-loaded loop.
  final void handOver(
      LoopEngine engine,
      int fd,
      @Nullable PeerAddress from,
      Supplier<? extends Protocol> protocols) {
    Loop target = engine.leastLoaded();
    target.load().incrementAndGet();
    if (target.isOwner()) {
      target.adopt(fd, from, protocols.get());
    } else if (!target.execute(() -> target.adopt(fd, from, protocols.get()))) {
      // Its mailbox is full: it has more to do than its load says.
      target.load().decrementAndGet();
      load().incrementAndGet();
      adopt(fd, from, protocols.get());
    }
  }

  /// Takes over a descriptor that was accepted; the loop's load has been raised for it.
  abstract void adopt(int fd, @Nullable PeerAddress peer, Protocol protocol);

  /// Begins to connect; the loop's load has been raised for it.
  abstract void connect(ConnectOptions to, Protocol protocol);

  /// Sets the one timer of a connection.
  abstract void setTimer(BufferedConnection connection, long delayNanos);

  /// Takes it back.
  abstract void cancelTimer(BufferedConnection connection);

  final void openedBy(BufferedConnection connection) {
    BufferedConnection before = batch.enter(connection);
    connection.opened();
    batch.leave(before);
  }

  final void tellConnectFailed(Protocol protocol, IOException cause) {
    try {
      protocol.onConnectFailed(cause);
    } catch (Throwable t) {
      failures.increment();
      log.log(Level.ERROR, "the protocol of a connection that could not be made failed", t);
    }
  }

  final void reportFailure(BufferedConnection connection, Throwable cause) {
    failures.increment();
    log.log(Level.ERROR, connection + " failed and is aborted", cause);
  }

  // What the loop's connections and listeners work with

  final Kernel kernel() {
    return kernel;
  }

  final IoVector pieces() {
    return pieces;
  }

  /// The struct of an address, until the next call.
  final SockAddr scratch(InetSocketAddress address) {
    scratchAddress.set(address);
    return scratchAddress;
  }

  /// The value of `SO_LINGER` with which a close sends a reset.
  final MemorySegment resetOnClose() {
    return resetOnClose;
  }

  final Batch batch() {
    return batch;
  }

  final OutputStock outputs() {
    return outputs;
  }

  final BufferPool buffers() {
    return buffers;
  }

  final long lingerNanos() {
    return options.linger().toNanos();
  }
}
