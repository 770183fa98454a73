package dev.pollux.net.internal.thread;

import dev.pollux.net.BufferPool;
import dev.pollux.net.ConnectOptions;
import dev.pollux.net.Engine;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.EngineStatistics;
import dev.pollux.net.IoModel;
import dev.pollux.net.MemoryRefusal;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.net.internal.PeerAddress;
import dev.pollux.net.internal.RateLimitedLog;
import dev.pollux.net.internal.Sockets;
import dev.pollux.net.internal.memory.SharedPool;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.Socket;
import dev.pollux.sys.SyscallLedger;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A thread per client, as in the textbooks: an acceptor blocked in accept(2) makes a worker for
/// each client. In `blocking` that is a platform thread, blocked in recv(2) and send(2); in
/// `virtual` it is a virtual one, whose descriptor does not block: when there is nothing to receive
/// it is parked until the [Unparker] sees the descriptor ready.
public final class ThreadEngine implements Engine {
  private static final String ENGINE_ENDED = "the engine has ended";
  private static final long COURIER_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final EngineOptions options;
  private final Function<Arena, Kernel> kernels;
  private final RateLimitedLog log;
  private final Desks desks;

  /// Null where threads are blocked in the calls themselves.
  private final @Nullable Unparker unparker;

  private final SharedPool buffers;
  private final ConnectionThreads connectionThreads;
  private final Map<Connector, Thread> connectors = new ConcurrentHashMap<>();
  private final RefusedClients refusedClients = new RefusedClients(this);
  private final List<Acceptor> acceptors = new CopyOnWriteArrayList<>();
  private final Couriers couriers;
  private final ScheduledThreadPoolExecutor timers;
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private final AtomicLong wokenInVain = new AtomicLong();

  private final SharedCalls sharedCalls;
  private volatile boolean closing;
  private volatile boolean ended;

  private ThreadEngine(EngineOptions options, Function<Arena, Kernel> kernels, boolean virtual)
      throws IOException {
    this.options = options;
    this.kernels = kernels;
    this.log = new RateLimitedLog(System.getLogger("dev.pollux.net"), options.nanoClock());
    this.buffers = new SharedPool(options.memory());
    this.desks = new Desks(kernels, options.receiveBufferBytes(), options.memory());
    this.sharedCalls = new SharedCalls(kernels, this::reportFailure);
    this.unparker =
        virtual
            ? new Unparker(kernels, options.threadName() + "-unparker", log, this::reportFailure)
            : null;
    this.connectionThreads = new ConnectionThreads(this, virtual);
    this.couriers = new Couriers(threads().name(options.threadName() + "-courier-", 1).factory());
    this.timers =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name(options.threadName() + "-timer").unstarted(task));
    timers.setRemoveOnCancelPolicy(true);
  }

  /// An engine of platform threads, or of virtual ones.
  ///
  /// @throws IOException if the kernel refuses what parking needs
  public static ThreadEngine open(
      EngineOptions options, Function<Arena, Kernel> kernels, boolean virtual) throws IOException {
    return new ThreadEngine(options, kernels, virtual);
  }

  @Override
  public IoModel model() {
    return options.model();
  }

  @Override
  public int loops() {
    return 1;
  }

  public EngineOptions options() {
    return options;
  }

  public Function<Arena, Kernel> kernels() {
    return kernels;
  }

  public Desks desks() {
    return desks;
  }

  /// What accept4(2) and socket(2) are asked for.
  public int socketFlags() {
    return unparker == null ? 0 : Socket.SOCK_NONBLOCK;
  }

  public Thread.Builder threads() {
    return unparker == null ? Thread.ofPlatform() : Thread.ofVirtual();
  }

  /// Null if the kernel can't watch the descriptor.
  public @Nullable Waiting waitingFor(Kernel caller, int fd) {
    return unparker == null ? Waiting.IN_THE_CALL : unparker.watch(caller, fd);
  }

  /// The connection's descriptor is about to be closed.
  public void forget(Waiting waiting) {
    if (unparker != null && waiting instanceof Parking parking) {
      unparker.forget(parking);
    }
  }

  public BufferPool buffers() {
    return buffers;
  }

  public RateLimitedLog log() {
    return log;
  }

  public RefusedClients refusedClients() {
    return refusedClients;
  }

  @Override
  public InetSocketAddress listen(InetSocketAddress address, Supplier<? extends Protocol> protocols)
      throws IOException {
    InetSocketAddress resolved = Sockets.resolved(address);
    int fd = sharedCalls.open(kernel -> Sockets.listen(kernel, resolved, options, 0));
    InetSocketAddress local = sharedCalls.open(kernel -> Sockets.localAddress(kernel, fd, address));
    Acceptor acceptor = new Acceptor(this, fd, local, protocols);
    acceptors.add(acceptor);
    acceptor.start();
    return local;
  }

  @Override
  public void stopListening() {
    acceptors.removeIf(acceptor -> {
      // Wakes accept(2), which then fails with EINVAL.
      sharedCalls.shutdownSurely(acceptor.fd(), Socket.SHUT_RDWR);
      ConnectionThreads.joinUninterruptibly(acceptor.thread());
      return true;
    });
  }

  @Override
  public void connect(ConnectOptions to, Protocol protocol) {
    Connector connector = new Connector(this, to, protocol);
    Thread thread =
        threads().name("connect-" + to.remote().getPort()).unstarted(() -> connectNow(connector));
    connectors.put(connector, thread);
    try {
      thread.start();
    } catch (OutOfMemoryError e) {
      connectors.remove(connector);
      connector.tellFailed(
          new IOException("connect " + Sockets.text(to.remote()) + ": no thread to be had", e));
    }
  }

  private void connectNow(Connector connector) {
    ThreadConnection connection = null;
    try {
      if (closing) {
        connector.interrupt(ENGINE_ENDED);
      }
      connection = connector.connect();
      if (connection != null) {
        connectionThreads.adopt(connection);
      }
    } catch (Throwable t) {
      reportFailure("connecting failed", t);
    } finally {
      connectors.remove(connector);
    }
    if (connection != null) {
      new Worker(connection, this).run();
    }
  }

  /// The acceptor, with its kernel: makes a worker for an accepted client, or refuses it.
  public void serve(
      Kernel caller, int fd, @Nullable PeerAddress peer, Supplier<? extends Protocol> protocols) {
    if (connectionThreads.count() >= options.maxConnections()) {
      refusedClients.refuse(
          caller,
          fd,
          peer,
          protocols,
          Refusal.TOO_MANY_CONNECTIONS,
          "maxConnections (" + options.maxConnections() + ") are open");
      return;
    }
    if (!options.memory().takesNewcomers()) {
      options.memory().refused(MemoryRefusal.NEWCOMER);
      refusedClients.refuse(
          caller, fd, peer, protocols, Refusal.OUT_OF_MEMORY, options.memory().toString());
      return;
    }
    Waiting waiting = waitingFor(caller, fd);
    if (waiting == null) {
      refusedClients.refuse(
          caller, fd, peer, protocols, Refusal.OUT_OF_RESOURCES, "the kernel can't watch it");
      return;
    }
    ThreadConnection connection;
    try {
      Protocol protocol = Objects.requireNonNull(protocols.get(), "no protocol was supplied");
      connection = new ThreadConnection(this, fd, peer, protocol, waiting, false);
    } catch (Throwable t) {
      forget(waiting);
      throw t;
    }
    try {
      connectionThreads.start(new Worker(connection, this));
      accepted.incrementAndGet();
    } catch (OutOfMemoryError e) {
      forget(waiting);
      refusedClients.refuse(
          caller,
          fd,
          peer,
          protocols,
          Refusal.OUT_OF_RESOURCES,
          "no thread to be had: " + e.getMessage());
    } catch (Throwable t) {
      forget(waiting);
      throw t;
    }
  }

  // Its workers

  /// The engine may have begun to end before the worker did.
  public void begins(ThreadConnection connection) {
    if (closing) {
      connection.endWithEngine();
    }
  }

  /// A worker was told again and again that there is something to receive, and there was nothing.
  public void wokenInVain() {
    wokenInVain.incrementAndGet();
  }

  public ConnectionThreads connectionThreads() {
    return connectionThreads;
  }

  /// Whether all connections, and all that was wanted of them, are over.
  public boolean hasEnded() {
    return ended;
  }

  public Couriers couriers() {
    return couriers;
  }

  /// There is no thread to be had for what waits for a connection: `again` tries once more in a
  /// while. False if there is not even one for the timers.
  public boolean noCourier(TurnConnection connection, Runnable again, OutOfMemoryError cause) {
    try {
      log.log(
          Level.WARNING,
          "no thread to be had for what others want of " + connection + "; trying again in 100 ms",
          cause);
      if (schedule(COURIER_AGAIN_NANOS, again).isCancelled()) {
        again.run();
      }
      return true;
    } catch (Throwable t) {
      reportFailure("what others want of a connection waits", t);
      return false;
    }
  }

  /// The short calls that any thread makes.
  public SharedCalls calls() {
    return sharedCalls;
  }

  /// Runs a task after a while, on the one thread of the timers: it must not block. A cancelled
  /// future if the engine has ended.
  public Future<?> schedule(long delayNanos, Runnable task) {
    try {
      return timers.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      Future<?> never = new CompletableFuture<>();
      never.cancel(false);
      return never;
    }
  }

  public void reportFailure(String what, Throwable cause) {
    reportFailure("", what, cause);
  }

  /// Throws nothing: what it says is put together here.
  public void reportFailure(Object who, String what, Throwable cause) {
    failures.incrementAndGet();
    try {
      log.log(Level.ERROR, who + what, cause);
    } catch (Throwable t) {
      // Out of memory, or a log that fails itself: it is counted at least.
      failures.incrementAndGet();
    }
  }

  @Override
  public EngineStatistics statistics() {
    SyscallLedger.Snapshot calls = desks.systemCalls().plus(sharedCalls.systemCalls());
    for (Acceptor acceptor : acceptors) {
      calls = calls.plus(acceptor.ledger().snapshot());
    }
    long wakeups = 0;
    long staleEvents = 0;
    long vainWakeups = 0;
    if (unparker != null) {
      calls = calls.plus(unparker.systemCalls());
      wakeups = unparker.wakeups();
      staleEvents = unparker.staleEvents();
      vainWakeups = unparker.vainWakeups() + wokenInVain.get();
    }
    return new EngineStatistics(
        connectionThreads.count(),
        accepted.get(),
        refusedClients.count(),
        wakeups,
        staleEvents,
        vainWakeups,
        failures.get(),
        calls);
  }

  @Override
  public void close() {
    closing = true;
    stopListening();
    connectors.keySet().forEach(connector -> connector.interrupt(ENGINE_ENDED));
    connectionThreads.forEachConnection(ThreadConnection::endWithEngine);
    if (connectors.containsValue(Thread.currentThread())
        || connectionThreads.isWorker(Thread.currentThread())
        || couriers.isCourier(Thread.currentThread())) {
      // None of these can wait for itself: the rest is done when it has ended.
      Thread.ofPlatform().name(options.threadName() + "-closer").start(this::closeWhenIdle);
    } else {
      closeWhenIdle();
    }
  }

  private void closeWhenIdle() {
    // One that connected meanwhile has become a worker, and sees that the engine is closing.
    connectors.values().forEach(ConnectionThreads::joinUninterruptibly);
    connectionThreads.awaitEnd();
    couriers.close();
    ended = true;
    timers.shutdownNow();
    refusedClients.close();
    if (sharedCalls.close()) {
      if (unparker != null) {
        unparker.close();
      }
      buffers.close();
    }
  }
}
