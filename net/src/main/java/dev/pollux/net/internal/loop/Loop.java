package dev.pollux.net.internal.loop;

import dev.pollux.net.BufferPool;
import dev.pollux.net.ConnectOptions;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.EngineStatistics;
import dev.pollux.net.Protocol;
import dev.pollux.net.internal.Counter;
import dev.pollux.net.internal.PeerAddress;
import dev.pollux.net.internal.PeerProgress;
import dev.pollux.net.internal.RateLimitedLog;
import dev.pollux.net.internal.Sockets;
import dev.pollux.net.internal.SpinDetector;
import dev.pollux.net.internal.memory.OutputStock;
import dev.pollux.net.internal.memory.SlabPool;
import dev.pollux.sys.CountingKernel;
import dev.pollux.sys.IoVector;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.SockAddr;
import dev.pollux.sys.Socket;
import dev.pollux.sys.SyscallLedger;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What every event loop has, whatever it waits with: memory, an inbox, timers, counts, and [#turn]
/// after turn.
///
/// The thread that makes a loop is the one that turns it: the loop's memory belongs to that thread,
/// and the JVM refuses it to any other. Only [#owner], [#stop], [#load] and [#statistics] are for
/// any thread.
///
/// Around each event there is a boundary: what is thrown there ends the connection that it belongs
/// to, and the rest of the turn goes on.
public abstract class Loop {
  private static final int PIECES_PER_SEND = 64;

  public final EngineOptions options;
  public final RateLimitedLog log;
  public final LongSupplier nanoClock;
  public final Arena arena = Arena.ofConfined();
  public final SyscallLedger ledger = new SyscallLedger();
  private final LoopOwner owner;
  public final Wakeup wakeup;
  public final Counter accepted = new Counter();
  public final Counter refused = new Counter();
  public final Counter wakeups = new Counter();
  public final Counter staleEvents = new Counter();
  public final SpinDetector spins;
  public volatile boolean stopping;

  private final Kernel kernel;
  private final SlabPool buffers;
  private final OutputStock outputs;
  private final MemorySegment resetOnClose;
  private final IoVector pieces;
  private final SockAddr scratchAddress;
  private final PeerProgress progress = new PeerProgress(arena);
  private final Batch batch = new Batch();
  private final AtomicInteger load = new AtomicInteger();
  private final TurnMark mark = new TurnMark();

  /// Makes a loop on the thread that will turn it.
  @FunctionalInterface
  public interface Factory {
    Loop open(LoopEngine engine, RateLimitedLog log) throws IOException;
  }

  /// Something that listens, and can be told to stop. The loop's thread.
  public interface Listening {
    void close();
  }

  /// @param kernels makes the kernel of each owner, with memory of that arena
  /// @param outputChunkBytes what a connection's output begins with
  @SuppressWarnings("this-escape") // The detector of spins only keeps the reference.
  public Loop(
      EngineOptions options,
      Function<Arena, Kernel> kernels,
      int outputChunkBytes,
      RateLimitedLog log)
      throws IOException {
    this.options = options;
    this.log = log;
    this.spins =
        new SpinDetector(SpinDetector.LOOP_TOLERATES, log, this::reportInWords, this::endReported);
    this.nanoClock = options.nanoClock();
    this.kernel = new CountingKernel(kernels.apply(arena), ledger);
    this.buffers = new SlabPool(options.memory(), Arena::ofConfined);
    // At hand from the beginning, also when there is no memory for anything else: an echo, or the
    // words of a refusal.
    buffers.giveBack(buffers.borrow(outputChunkBytes));
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
    this.owner = new LoopOwner(wakeup, nanoClock, spins, log);
  }

  // Any thread

  /// Who it is to others: the way into it.
  public final LoopOwner owner() {
    return owner;
  }

  /// Connections that are the loop's or on the way to it.
  public final AtomicInteger load() {
    return load;
  }

  /// In which turn it is.
  public final TurnMark mark() {
    return mark;
  }

  /// Asks the loop to end all connections and itself at the end of its present turn.
  public final void stop() {
    stopping = true;
    wakeup.wake();
  }

  public final EngineStatistics statistics() {
    return new EngineStatistics(
        load.get(),
        accepted.get(),
        refused.get(),
        wakeups.get(),
        staleEvents.get(),
        spins.count(),
        owner.failures(),
        ledger.snapshot().plus(wakeup.ledger().snapshot()));
  }

  // The turn

  /// Turns until [#stop] is called, then ends everything that the loop holds.
  public final void run() {
    while (!stopping) {
      try {
        turn(Long.MAX_VALUE);
      } catch (Throwable t) {
        turnFailed(t);
      }
    }
    end();
  }

  private void turnFailed(Throwable cause) {
    owner.reportFailure(owner.name(), ": a turn failed; it goes on", cause);
    attempt(spins::afterWakeup);
  }

  /// One step of several: whatever it throws, the next one follows. Whether it threw nothing.
  public final boolean attempt(Runnable step) {
    try {
      step.run();
      return true;
    } catch (Throwable t) {
      owner.reportFailure(owner.name(), ": a step failed; the next one follows", t);
      return false;
    }
  }

  /// One turn, waiting for at most `maxWaitNanos`.
  public abstract void turn(long maxWaitNanos);

  /// What a wait has reported, in words.
  public abstract String reportInWords(long what, int reported);

  /// Ends the connection that a wait has reported again and again in vain; false if it was none.
  public boolean endReported(long what) {
    return false;
  }

  /// Ends all connections, gives back all descriptors and memory.
  public abstract void end();

  /// Nanoseconds from `now` to the next timer of a connection, -1 if none is set.
  public abstract long nanosToNextTimer(long now);

  /// How long this turn, which begins `now`, may wait; -1 for ever.
  public final long nanosToWait(long maxWaitNanos, long now) {
    if (!batch.isEmpty() || owner.hasEntries()) {
      return 0;
    }
    long next = owner.nanosToNextTimer(nanosToNextTimer(now));
    return next < 0
        ? (maxWaitNanos == Long.MAX_VALUE ? -1 : maxWaitNanos)
        : Math.min(next, maxWaitNanos);
  }

  /// Says that the loop will wait, unless there is something to do now.
  public final long announceWait(long waitNanos) {
    mark.waits();
    if (waitNanos != 0) {
      wakeup.beforeWait();
      if (stopping || owner.hasEntries()) {
        return 0;
      }
    }
    return waitNanos;
  }

  /// The wait is over.
  public final void waited() {
    wakeup.afterWait();
    mark.turns();
    wakeups.increment();
  }

  public final void closeMemory() {
    buffers.close();
    arena.close();
  }

  // Connections

  /// Listens on an open listening socket, which is the loop's from now on.
  ///
  /// @throws IOException if it can't be watched; the socket is closed then
  public abstract Listening listen(
      LoopEngine engine, int fd, InetSocketAddress address, Supplier<? extends Protocol> protocols)
      throws IOException;

  /// What a listening socket is opened with.
  public int socketFlags() {
    return Socket.SOCK_NONBLOCK;
  }

  /// Whether there is room for one connection more. Any thread.
  public boolean hasRoom() {
    return true;
  }

  /// What the loop uses of the kernel, for a person; nothing if there is no choice. Any thread.
  public String details() {
    return "";
  }

  /// Hands what was accepted to the loop with the fewest connections of those that keep up.
  public final void handOver(
      LoopEngine engine,
      int fd,
      @Nullable PeerAddress from,
      Supplier<? extends Protocol> protocols) {
    Loop target = engine.forNewcomer();
    target.load().incrementAndGet();
    if (target.owner().isCurrent()) {
      target.adopt(fd, from, protocols);
    } else if (!target.owner().enter(() -> target.adopt(fd, from, protocols))) {
      // It has ended, and so will this one.
      target.load().decrementAndGet();
      kernel.close(fd);
    }
  }

  /// Takes over a descriptor that was accepted; the loop's load has been raised for it. If no
  /// protocol can be had for it, it is closed.
  public final void adopt(
      int fd, @Nullable PeerAddress peer, Supplier<? extends Protocol> protocols) {
    Protocol protocol;
    try {
      protocol = Objects.requireNonNull(protocols.get(), "no protocol was supplied");
      adopt(fd, peer, protocol);
    } catch (Throwable t) {
      owner.reportFailure("a client (" + peer + ") could not be served and is dropped", t);
      dropAdopted(fd);
    }
  }

  /// Takes over a descriptor that was accepted. What it throws is thrown before the connection
  /// stands.
  public abstract void adopt(int fd, @Nullable PeerAddress peer, Protocol protocol);

  /// Closes a descriptor that was accepted and for which there is no connection, and takes back
  /// what was counted for it.
  public void dropAdopted(int fd) {
    load.decrementAndGet();
    kernel.close(fd);
  }

  /// Begins to connect; the loop's load has been raised for it. What it throws is told as a
  /// failure.
  public final void connectGuarded(ConnectOptions to, Protocol protocol) {
    try {
      connect(to, protocol);
    } catch (Throwable t) {
      owner.reportFailure("connecting to " + Sockets.text(to.remote()) + " failed", t);
      load.decrementAndGet();
      tellConnectFailed(protocol, new IOException("connect " + Sockets.text(to.remote()), t));
    }
  }

  /// Begins to connect; the loop's load has been raised for it.
  public abstract void connect(ConnectOptions to, Protocol protocol);

  /// Sets the one timer of a connection.
  public abstract void setTimer(BufferedConnection connection, long delayNanos);

  /// Takes it back.
  public abstract void cancelTimer(BufferedConnection connection);

  /// Tells the protocol that the connection is there, and sends what it wrote.
  public final void openedBy(BufferedConnection connection) {
    BufferedConnection before = batch.enter(connection);
    try {
      spins.progress();
      connection.tell(opened -> opened.protocol().onOpen(opened));
      connection.flush();
    } catch (Throwable t) {
      connection.fail(t);
    } finally {
      batch.leave(before);
    }
  }

  public final void tellConnectFailed(Protocol protocol, IOException cause) {
    try {
      protocol.onConnectFailed(cause);
    } catch (Throwable t) {
      owner.reportFailure("the protocol of a connection that could not be made failed", t);
    }
  }

  // What the loop's connections and listeners work with

  public final Kernel kernel() {
    return kernel;
  }

  public final IoVector pieces() {
    return pieces;
  }

  /// Whether the peer of a descriptor takes what it is sent.
  public final boolean isPeerTaking(int fd, int millis) {
    return progress.isTaking(kernel, fd, millis);
  }

  /// The struct of an address, until the next call.
  public final SockAddr scratch(InetSocketAddress address) {
    scratchAddress.set(address);
    return scratchAddress;
  }

  /// The value of `SO_LINGER` with which a close sends a reset.
  public final MemorySegment resetOnClose() {
    return resetOnClose;
  }

  public final Batch batch() {
    return batch;
  }

  public final OutputStock outputs() {
    return outputs;
  }

  public final BufferPool buffers() {
    return buffers;
  }

  public final long lingerNanos() {
    return options.linger().toNanos();
  }
}
