package dev.pollux.net.internal;

import dev.pollux.net.BufferPool;
import dev.pollux.net.ConnectOptions;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.EngineStatistics;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.sys.CountingKernel;
import dev.pollux.sys.Errno;
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
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// An event loop over a [Poller]: what it does is one [#turn] after the other.
///
/// A turn waits, handles what is ready, then what other threads asked for and the timers that are
/// over, then flushes the connections that were written to by somebody else's event, and last
/// closes the descriptors of those that ended. The thread that makes a loop is the one that turns
/// it: the loop's memory belongs to that thread, and the JVM refuses it to any other. Only
/// [#execute], [#stop], [#load] and [#statistics] are for any thread.
final class ReadinessLoop implements Poller.ReadySink {
  private static final int TASKS_PER_TURN = 4096;
  private static final int PIECES_PER_SEND = 64;

  private final EngineOptions options;
  private final RateLimitedLog log;
  private final Thread owner = Thread.currentThread();
  private final Arena arena = Arena.ofConfined();
  private final SyscallLedger ledger = new SyscallLedger();
  private final Kernel kernel;
  private final Poller poller;
  private final Wakeup wakeup;
  private final Mailbox mailbox;
  private final LongSupplier nanoClock;
  private final Watches watches;
  private final SlabPool buffers = new SlabPool(Arena::ofConfined);
  private final OutputStock outputs = new OutputStock(buffers);
  private final MemorySegment receiveBuffer;
  private final MemorySegment resetOnClose;
  private final IoVector pieces;
  private final SockAddr scratchAddress;

  private final Batch batch = new Batch();

  // Made once: a method reference in the turn would be an allocation each time.
  private final TimingWheel.Expiry timerOver = this::onTimer;

  private final AtomicInteger load = new AtomicInteger();
  private final Counter accepted = new Counter();
  private final Counter refused = new Counter();
  private final Counter wakeups = new Counter();
  private final Counter staleEvents = new Counter();
  private final Counter failures = new Counter();
  private volatile boolean stopping;

  /// Opens the loop's poller and wake-up watches.
  ///
  /// @throws IOException naming the call and the errno
  ReadinessLoop(EngineOptions options, PollerFactory pollers, RateLimitedLog log)
      throws IOException {
    this.options = options;
    this.log = log;
    this.nanoClock = options.nanoClock();
    this.kernel = new CountingKernel(options.kernels().apply(arena), ledger);
    this.mailbox = new Mailbox(options.mailboxCapacity());
    this.receiveBuffer = arena.allocate(options.receiveBufferBytes(), Long.BYTES);
    this.resetOnClose = Socket.linger(arena, true, 0);
    this.pieces = IoVector.allocate(arena, PIECES_PER_SEND);
    this.scratchAddress = SockAddr.allocate(arena);
    try {
      this.poller = pollers.open(kernel, arena);
    } catch (IOException e) {
      closeMemory();
      throw e;
    }
    this.watches = new Watches(poller, nanoClock);
    try {
      this.wakeup = openWakeup();
    } catch (IOException e) {
      poller.close();
      closeMemory();
      throw e;
    }
  }

  /// Makes the poller of a loop, with memory of the loop's arena.
  @FunctionalInterface
  interface PollerFactory {
    Poller open(Kernel kernel, Arena arena) throws IOException;
  }

  private Wakeup openWakeup() throws IOException {
    Wakeup opened = new Wakeup(kernel, arena, options.kernels());
    try {
      watches.watchOwn(opened.fd(), readiness -> opened.drain());
    } catch (IOException e) {
      opened.close();
      throw e;
    }
    return opened;
  }

  // Any thread

  /// Runs a task in this loop, soon. False if the mailbox is full or the loop has ended.
  boolean execute(Runnable task) {
    boolean taken = mailbox.offer(task);
    if (taken && !isOwner()) {
      wakeup.wake();
    }
    return taken;
  }

  boolean isOwner() {
    return Thread.currentThread() == owner;
  }

  /// Connections that are the loop's or on the way to it.
  AtomicInteger load() {
    return load;
  }

  /// Asks the loop to end all connections and itself at the end of its present turn.
  void stop() {
    stopping = true;
    wakeup.wake();
  }

  EngineStatistics statistics() {
    return new EngineStatistics(
        load.get(),
        accepted.get(),
        refused.get(),
        wakeups.get(),
        staleEvents.get(),
        failures.get(),
        ledger.snapshot().plus(wakeup.ledger().snapshot()));
  }

  // The turn

  /// Turns until [#stop] is called, then ends everything that the loop holds.
  void run() {
    while (!stopping) {
      try {
        turn(Long.MAX_VALUE);
      } catch (Throwable t) {
        failures.increment();
        log.log(Level.ERROR, "a turn of " + owner.getName() + " failed; it goes on", t);
      }
    }
    end();
  }

  /// One turn, waiting for at most `maxWaitNanos`.
  void turn(long maxWaitNanos) {
    long wait = nanosToWait(maxWaitNanos);
    if (wait != 0) {
      wakeup.beforeWait();
      if (stopping || !mailbox.isEmpty()) {
        wait = 0;
      }
    }
    int ready = poller.await(wait, this);
    wakeup.afterWait();
    wakeups.increment();
    if (ready < 0 && ready != -Errno.EINTR) {
      throw new IllegalStateException("waiting for I/O: " + Errno.describe(ready));
    }
    batch.readAgain();
    runTasks(TASKS_PER_TURN);
    watches.advanceTimers(timerOver);
    batch.flush();
    batch.finishEnded();
  }

  private long nanosToWait(long maxWaitNanos) {
    if (!batch.isEmpty() || !mailbox.isEmpty()) {
      return 0;
    }
    long next = watches.nanosToNextTimer();
    return next < 0
        ? (maxWaitNanos == Long.MAX_VALUE ? -1 : maxWaitNanos)
        : Math.min(next, maxWaitNanos);
  }

  @Override
  public void onReady(long key, int readiness) {
    Watched watched = watches.find(key);
    if (watched == null) {
      staleEvents.increment();
      return;
    }
    Watched before = batch.enter(watched);
    watched.onReady(readiness);
    batch.leave(before);
  }

  private void runTasks(int most) {
    for (int i = 0; i < most; i++) {
      Runnable task = mailbox.poll();
      if (task == null) {
        return;
      }
      try {
        task.run();
      } catch (Throwable t) {
        failures.increment();
        log.log(Level.ERROR, "a task of " + owner.getName() + " failed", t);
      }
    }
  }

  private void onTimer(int fd) {
    Watched watched = watches.at(fd);
    if (watched != null) {
      Watched before = batch.enter(watched);
      watched.onTimer();
      batch.leave(before);
    }
  }

  private void end() {
    for (int fd = watches.highestDescriptor(); fd >= 0; fd--) {
      if (watches.at(fd) instanceof Listener listener) {
        listener.close();
      }
    }
    mailbox.close();
    while (!mailbox.isEmpty()) {
      runTasks(1);
    }
    for (int fd = watches.highestDescriptor(); fd >= 0; fd--) {
      Watched watched = watches.at(fd);
      if (watched != null) {
        watched.endWithEngine();
      }
    }
    batch.finishEnded();
    poller.close();
    wakeup.close();
    closeMemory();
  }

  private void closeMemory() {
    buffers.close();
    arena.close();
  }

  // Connections

  /// Takes over a descriptor that was accepted; the loop's load has been raised for it.
  void adopt(int fd, @Nullable PeerAddress peer, Protocol protocol) {
    LoopConnection connection = new LoopConnection(this, fd, peer, protocol);
    int result = watches.watch(fd, connection, connection.firstInterest());
    if (result < 0) {
      refuse(fd, peer, protocol, Refusal.OUT_OF_RESOURCES);
      kernel.close(fd);
      load.decrementAndGet();
      return;
    }
    accepted.increment();
    openedBy(connection);
  }

  private void openedBy(LoopConnection connection) {
    Watched before = batch.enter(connection);
    connection.opened();
    batch.leave(before);
  }

  /// Tells the peer of an accepted descriptor, in the protocol's words, that it can't be served.
  /// The descriptor stays open.
  void refuse(int fd, @Nullable PeerAddress peer, Protocol protocol, Refusal refusal) {
    refused.increment();
    new LoopConnection(this, fd, peer, protocol).refused(refusal);
  }

  /// Begins to connect; the loop's load has been raised for it.
  void connect(ConnectOptions to, Protocol protocol) {
    Connecting.begin(this, to, protocol);
  }

  int connect(int fd, InetSocketAddress remote) {
    scratchAddress.set(remote);
    return kernel.connect(fd, scratchAddress);
  }

  void connected(int fd, InetSocketAddress remote, Protocol protocol) {
    LoopConnection connection = new LoopConnection(this, fd, PeerAddress.of(remote), protocol);
    watches.replace(fd, connection, connection.firstInterest());
    openedBy(connection);
  }

  void tellConnectFailed(Protocol protocol, IOException cause) {
    try {
      protocol.onConnectFailed(cause);
    } catch (Throwable t) {
      failures.increment();
      log.log(Level.ERROR, "the protocol of a connection that could not be made failed", t);
    }
  }

  /// The descriptor is at an end: of the poller's list, of the wheel, of the table and of the
  /// kernel.
  void closeDescriptor(int fd, boolean reset) {
    if (reset) {
      kernel.setsockopt(fd, Socket.SOL_SOCKET, Socket.SO_LINGER, resetOnClose);
    }
    watches.forget(fd);
    kernel.close(fd);
    load.decrementAndGet();
  }

  void reportFailure(LoopConnection connection, Throwable cause) {
    failures.increment();
    log.log(Level.ERROR, connection + " failed and is aborted", cause);
  }

  // What the loop's connections and listeners work with

  Kernel kernel() {
    return kernel;
  }

  MemorySegment receiveBuffer() {
    return receiveBuffer;
  }

  IoVector pieces() {
    return pieces;
  }

  Watches watches() {
    return watches;
  }

  Batch batch() {
    return batch;
  }

  OutputStock outputs() {
    return outputs;
  }

  BufferPool buffers() {
    return buffers;
  }

  boolean edgeTriggered() {
    return poller.edgeTriggered();
  }

  /// The highest descriptor that the loop can watch.
  int highestDescriptor() {
    return poller.highestDescriptor();
  }

  long lingerNanos() {
    return options.linger().toNanos();
  }
}
