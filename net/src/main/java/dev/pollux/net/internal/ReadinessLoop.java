package dev.pollux.net.internal;

import dev.pollux.net.BufferPool;
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
import java.util.ArrayDeque;
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
  private final DescriptorTable descriptors = new DescriptorTable();
  private final TimingWheel wheel;
  private final SlabPool buffers = new SlabPool(Arena::ofConfined);
  private final ArrayDeque<Output> spareOutputs = new ArrayDeque<>();
  private final MemorySegment receiveBuffer;
  private final MemorySegment resetOnClose;
  private final IoVector pieces;
  private final SockAddr scratchAddress;

  private ConnectionList flushList = new ConnectionList();
  private ConnectionList flushListSpare = new ConnectionList();
  private ConnectionList readList = new ConnectionList();
  private ConnectionList readListSpare = new ConnectionList();
  private final ConnectionList ended = new ConnectionList();
  private @Nullable Watched current;

  private final AtomicInteger load = new AtomicInteger();
  private final Counter accepted = new Counter();
  private final Counter refused = new Counter();
  private final Counter wakeups = new Counter();
  private final Counter staleEvents = new Counter();
  private final Counter failures = new Counter();
  private volatile boolean stopping;

  /// Opens the loop's poller and wake-up descriptors.
  ///
  /// @throws IOException naming the call and the errno
  ReadinessLoop(EngineOptions options, PollerFactory pollers, RateLimitedLog log)
      throws IOException {
    this.options = options;
    this.log = log;
    this.nanoClock = options.nanoClock();
    this.kernel = new CountingKernel(options.kernels().apply(arena), ledger);
    this.mailbox = new Mailbox(options.mailboxCapacity());
    this.wheel = new TimingWheel(nanoClock.getAsLong());
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
    IOException refusal = watchOwn(opened.fd(), readiness -> opened.drain());
    if (refusal != null) {
      opened.close();
      throw refusal;
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
    readAgain();
    runTasks(TASKS_PER_TURN);
    wheel.advance(nanoClock.getAsLong(), this::timerOver);
    flushListed();
    finishEnded();
  }

  private long nanosToWait(long maxWaitNanos) {
    if (!flushList.isEmpty() || !readList.isEmpty() || !ended.isEmpty() || !mailbox.isEmpty()) {
      return 0;
    }
    long next = wheel.nanosToNext(nanoClock.getAsLong());
    return next < 0
        ? (maxWaitNanos == Long.MAX_VALUE ? -1 : maxWaitNanos)
        : Math.min(next, maxWaitNanos);
  }

  @Override
  public void onReady(long key, int readiness) {
    Watched watched = descriptors.find(key);
    if (watched == null) {
      staleEvents.increment();
      return;
    }
    current = watched;
    watched.onReady(readiness);
    current = null;
  }

  private void readAgain() {
    if (readList.isEmpty()) {
      return;
    }
    ConnectionList now = readList;
    readList = readListSpare;
    for (int i = 0; i < now.size(); i++) {
      LoopConnection connection = now.get(i);
      current = connection;
      connection.readAgain();
      current = null;
    }
    now.clear();
    readListSpare = now;
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

  private void timerOver(int fd) {
    Watched watched = descriptors.at(fd);
    if (watched != null) {
      current = watched;
      watched.onTimer();
      current = null;
    }
  }

  private void flushListed() {
    if (flushList.isEmpty()) {
      return;
    }
    // What is written to while this goes on has its turn in the next round.
    ConnectionList now = flushList;
    flushList = flushListSpare;
    for (int i = 0; i < now.size(); i++) {
      now.get(i).flushListed();
    }
    now.clear();
    flushListSpare = now;
  }

  private void finishEnded() {
    // The list may grow while it is gone through.
    for (int i = 0; i < ended.size(); i++) {
      ended.get(i).finish();
    }
    ended.clear();
  }

  private void end() {
    for (int fd = descriptors.highestDescriptor(); fd >= 0; fd--) {
      if (descriptors.at(fd) instanceof Listener listener) {
        listener.close();
      }
    }
    mailbox.close();
    while (!mailbox.isEmpty()) {
      runTasks(1);
    }
    for (int fd = descriptors.highestDescriptor(); fd >= 0; fd--) {
      if (descriptors.at(fd) instanceof LoopConnection connection) {
        connection.endWithEngine();
      }
    }
    finishEnded();
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
    LoopConnection connection = new LoopConnection(this, fd, peer, protocol, true);
    int result = watch(fd, connection, connection.firstInterest());
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
    Watched before = current;
    current = connection;
    connection.opened();
    current = before;
  }

  /// Tells the peer of an accepted descriptor, in the protocol's words, that it can't be served.
  /// The descriptor stays open.
  void refuse(int fd, @Nullable PeerAddress peer, Protocol protocol, Refusal refusal) {
    refused.increment();
    new LoopConnection(this, fd, peer, protocol, true).refused(refusal);
  }

  /// Begins to connect; the loop's load has been raised for it.
  void connect(InetSocketAddress remote, Protocol protocol) {
    int fd;
    try {
      fd = Sockets.open(kernel, Sockets.resolved(remote), Socket.SOCK_NONBLOCK);
    } catch (IOException e) {
      load.decrementAndGet();
      protocol.onConnectFailed(e);
      return;
    }
    scratchAddress.set(remote);
    int result = kernel.connect(fd, scratchAddress);
    LoopConnection connection =
        new LoopConnection(this, fd, PeerAddress.of(remote), protocol, result == 0);
    int interest = connection.firstInterest();
    int watched = fd > poller.highestDescriptor() ? -Errno.ENOSPC : watch(fd, connection, interest);
    if (watched < 0) {
      descriptors.register(fd, connection);
      connection.connectFailed(watched);
    } else if (result == 0) {
      openedBy(connection);
    } else if (result != -Errno.EINPROGRESS && result != -Errno.EINTR) {
      connection.connectFailed(result);
    }
  }

  int connectAgain(LoopConnection connection) {
    InetSocketAddress remote = connection.remoteAddress();
    if (remote == null) {
      return -Errno.EDESTADDRREQ;
    }
    scratchAddress.set(remote);
    return kernel.connect(connection.fd(), scratchAddress);
  }

  /// Watches a descriptor of the loop's own (a listener, the wake-up).
  @Nullable IOException watchOwn(int fd, Watched watched) {
    int result =
        fd > poller.highestDescriptor()
            ? -Errno.ENOSPC
            : watch(fd, watched, Interest.READ | Interest.LEVEL);
    if (result < 0) {
      return new IOException(
          "descriptor "
              + fd
              + " can't be watched by "
              + options.model()
              + ": "
              + Errno.describe(result)
              + (fd > poller.highestDescriptor()
                  ? " (at or above FD_SETSIZE, the C library's limit)"
                  : ""));
    }
    return null;
  }

  private int watch(int fd, Watched watched, int interest) {
    int result = poller.add(descriptors.register(fd, watched), interest);
    if (result < 0) {
      descriptors.remove(fd);
    }
    return result;
  }

  /// The descriptor is at an end: of the poller's list, of the wheel, of the table and of the
  /// kernel.
  void closeDescriptor(int fd, boolean reset) {
    if (reset) {
      kernel.setsockopt(fd, Socket.SOL_SOCKET, Socket.SO_LINGER, resetOnClose);
    }
    forget(fd);
    kernel.close(fd);
    load.decrementAndGet();
  }

  /// Stops watching a descriptor that stays open.
  void forget(int fd) {
    wheel.cancel(fd);
    poller.remove(descriptors.key(fd));
    descriptors.remove(fd);
  }

  int changeInterest(LoopConnection connection, int interest) {
    return poller.modify(descriptors.key(connection.fd()), interest);
  }

  void changeOwnInterest(int fd, int interest) {
    poller.modify(descriptors.key(fd), interest | Interest.LEVEL);
  }

  /// The connection has output or another interest than before. Its own event takes care of that
  /// when it ends; else it is done at the end of the batch.
  void noteChange(LoopConnection connection) {
    if (connection != current) {
      listForFlush(connection);
    }
  }

  void listForFlush(LoopConnection connection) {
    if (connection.markListedForFlush()) {
      flushList.add(connection);
    }
  }

  void listForRead(LoopConnection connection) {
    readList.add(connection);
  }

  void listEnded(LoopConnection connection) {
    ended.add(connection);
  }

  void setTimer(int fd, long delayNanos) {
    wheel.set(fd, nanoClock.getAsLong(), delayNanos);
  }

  void cancelTimer(int fd) {
    wheel.cancel(fd);
  }

  Output takeOutput() {
    Output spare = spareOutputs.pollLast();
    return spare != null ? spare : new Output(buffers);
  }

  void putOutput(Output output) {
    spareOutputs.addLast(output);
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
