package dev.pollux.net.internal;

import dev.pollux.net.BufferPool;
import dev.pollux.net.ConnectOptions;
import dev.pollux.net.Engine;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.EngineStatistics;
import dev.pollux.net.IoModel;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.sys.CountingKernel;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.Socket;
import dev.pollux.sys.SyscallLedger;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A thread per client, as in the textbooks: an acceptor blocked in accept(2) makes a worker for
/// each client, and the worker is blocked in recv(2) and send(2).
final class ThreadEngine implements Engine {
  private static final long REFUSED_LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final String ENGINE_ENDED = "the engine has ended";

  private final EngineOptions options;
  private final RateLimitedLog log;
  private final SharedPool buffers = new SharedPool();
  private final Map<ThreadConnection, Thread> workers = new ConcurrentHashMap<>();
  private final Map<Connector, Thread> connectors = new ConcurrentHashMap<>();
  private final Map<Thread, ThreadConnection> temporaryWriters = new ConcurrentHashMap<>();
  private final Set<Integer> refusedAndOpen = ConcurrentHashMap.newKeySet();
  private final List<Acceptor> acceptors = new CopyOnWriteArrayList<>();
  private final ScheduledThreadPoolExecutor timers;
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();

  /// For the short calls that any thread makes: shutdown, and closing what was refused.
  private final Arena sharedArena = Arena.ofShared();

  private final SyscallLedger sharedLedger = new SyscallLedger();
  private final Kernel sharedKernel;
  private SyscallLedger.Snapshot endedCalls = SyscallLedger.Snapshot.ZERO;
  private volatile boolean closing;

  private ThreadEngine(EngineOptions options) {
    this.options = options;
    this.log = new RateLimitedLog(System.getLogger("dev.pollux.net"), options.nanoClock());
    this.sharedKernel = new CountingKernel(options.kernels().apply(sharedArena), sharedLedger);
    this.timers =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name(options.threadName() + "-timer").unstarted(task));
    timers.setRemoveOnCancelPolicy(true);
  }

  static ThreadEngine open(EngineOptions options) {
    return new ThreadEngine(options);
  }

  @Override
  public IoModel model() {
    return options.model();
  }

  @Override
  public int loops() {
    return 1;
  }

  EngineOptions options() {
    return options;
  }

  BufferPool buffers() {
    return buffers;
  }

  RateLimitedLog log() {
    return log;
  }

  int connections() {
    return workers.size();
  }

  @Override
  public InetSocketAddress listen(InetSocketAddress address, Supplier<? extends Protocol> protocols)
      throws IOException {
    int fd;
    InetSocketAddress local;
    synchronized (sharedKernel) {
      fd = Sockets.listen(sharedKernel, Sockets.resolved(address), options, 0);
      local = Sockets.localAddress(sharedKernel, fd, address);
    }
    Acceptor acceptor = new Acceptor(this, fd, local, protocols);
    acceptors.add(acceptor);
    acceptor.start();
    return local;
  }

  @Override
  public void stopListening() {
    acceptors.removeIf(acceptor -> {
      // Wakes accept(2), which then fails with EINVAL.
      shutdown(acceptor.fd(), Socket.SHUT_RDWR);
      joinUninterruptibly(acceptor.thread());
      return true;
    });
  }

  @Override
  public void connect(ConnectOptions to, Protocol protocol) {
    Connector connector = new Connector(this, to, protocol);
    Thread thread =
        Thread.ofPlatform()
            .name("connect-" + to.remote().getPort())
            .unstarted(() -> connectNow(connector));
    connectors.put(connector, thread);
    try {
      thread.start();
    } catch (OutOfMemoryError e) {
      connectors.remove(connector);
      protocol.onConnectFailed(
          new IOException("connect " + Sockets.text(to.remote()) + ": no thread to be had", e));
    }
  }

  private void connectNow(Connector connector) {
    ThreadConnection connection;
    try {
      if (closing) {
        connector.interrupt(ENGINE_ENDED);
      }
      connection = connector.connect();
      if (connection != null) {
        Thread.currentThread().setName(connection.threadName());
        workers.put(connection, Thread.currentThread());
      }
    } finally {
      connectors.remove(connector);
    }
    if (connection != null) {
      work(connection);
    }
  }

  /// Makes a worker for an accepted client, or refuses it.
  void serve(int fd, @Nullable PeerAddress peer, Supplier<? extends Protocol> protocols) {
    if (workers.size() >= options.maxConnections()) {
      refuse(
          fd,
          peer,
          protocols,
          Refusal.TOO_MANY_CONNECTIONS,
          "maxConnections (" + options.maxConnections() + ") are open");
      return;
    }
    ThreadConnection connection = new ThreadConnection(this, fd, peer, protocols.get());
    Thread worker =
        Thread.ofPlatform().name(connection.threadName()).unstarted(() -> work(connection));
    workers.put(connection, worker);
    try {
      worker.start();
      accepted.incrementAndGet();
    } catch (OutOfMemoryError e) {
      // The JVM's word for EAGAIN of clone(2): the limit of threads or of memory is reached.
      workers.remove(connection);
      refuse(
          fd, peer, protocols, Refusal.OUT_OF_RESOURCES, "no thread to be had: " + e.getMessage());
    }
  }

  private void work(ThreadConnection connection) {
    try {
      if (closing) {
        connection.endWithEngine();
      }
      connection.work();
    } catch (Throwable t) {
      failures.incrementAndGet();
      log.log(Level.ERROR, "the worker of " + connection + " failed", t);
    } finally {
      synchronized (this) {
        endedCalls = endedCalls.plus(connection.systemCalls());
        workers.remove(connection);
      }
    }
  }

  /// Says the refusal in the protocol's words, and closes a moment later: at once, a reset might
  /// overtake the words.
  void refuse(
      int fd,
      @Nullable PeerAddress peer,
      Supplier<? extends Protocol> protocols,
      Refusal refusal,
      String why) {
    refused.incrementAndGet();
    log.log(Level.WARNING, "refused " + peer + ": " + why, null);
    new ThreadConnection(this, fd, peer, protocols.get()).refused(refusal);
    boolean atOnce = refusal == Refusal.OUT_OF_DESCRIPTORS;
    shutdown(fd, Socket.SHUT_WR);
    refusedAndOpen.add(fd);
    if (atOnce || schedule(REFUSED_LINGER_NANOS, () -> closeRefused(fd)).isCancelled()) {
      closeRefused(fd);
    }
  }

  private void closeRefused(int fd) {
    if (refusedAndOpen.remove(fd)) {
      synchronized (sharedKernel) {
        sharedKernel.close(fd);
      }
    }
  }

  /// Starts a thread that writes for a connection until its output is taken. False if there is none
  /// to be had.
  boolean startWriter(ThreadConnection connection) {
    Thread writer =
        Thread.ofPlatform()
            .name("writer-" + connection.threadName())
            .unstarted(() -> {
              try {
                connection.writeAsTemporaryWriter();
              } finally {
                temporaryWriters.remove(Thread.currentThread());
              }
            });
    temporaryWriters.put(writer, connection);
    try {
      writer.start();
      return true;
    } catch (OutOfMemoryError e) {
      temporaryWriters.remove(writer);
      return false;
    }
  }

  void shutdown(int fd, int how) {
    synchronized (sharedKernel) {
      sharedKernel.shutdown(fd, how);
    }
  }

  /// Runs a task on the timer thread; a cancelled future if the engine has ended.
  Future<?> schedule(long delayNanos, Runnable task) {
    try {
      return timers.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      Future<?> never = new CompletableFuture<>();
      never.cancel(false);
      return never;
    }
  }

  void reportFailure(ThreadConnection connection, Throwable cause) {
    failures.incrementAndGet();
    log.log(Level.ERROR, connection + " failed and is aborted", cause);
  }

  @Override
  public synchronized EngineStatistics statistics() {
    SyscallLedger.Snapshot calls = endedCalls.plus(sharedLedger.snapshot());
    for (ThreadConnection connection : workers.keySet()) {
      calls = calls.plus(connection.systemCalls());
    }
    for (Acceptor acceptor : acceptors) {
      calls = calls.plus(acceptor.ledger().snapshot());
    }
    return new EngineStatistics(
        workers.size(), accepted.get(), refused.get(), 0, 0, failures.get(), calls);
  }

  @Override
  public void close() {
    closing = true;
    stopListening();
    connectors.keySet().forEach(connector -> connector.interrupt(ENGINE_ENDED));
    workers.keySet().forEach(ThreadConnection::endWithEngine);
    if (connectors.containsValue(Thread.currentThread())
        || workers.containsValue(Thread.currentThread())) {
      // A worker can't wait for itself: the rest is done when it has ended.
      Thread.ofPlatform().name(options.threadName() + "-closer").start(this::closeWhenIdle);
    } else {
      closeWhenIdle();
    }
  }

  private void closeWhenIdle() {
    // One that connected meanwhile has become a worker, and sees that the engine is closing.
    connectors.values().forEach(ThreadEngine::joinUninterruptibly);
    for (Thread worker : workers.values()) {
      worker.interrupt();
      joinUninterruptibly(worker);
    }
    temporaryWriters.keySet().forEach(ThreadEngine::joinUninterruptibly);
    timers.shutdownNow();
    refusedAndOpen.forEach(this::closeRefused);
    synchronized (sharedKernel) {
      if (sharedArena.scope().isAlive()) {
        buffers.close();
        sharedArena.close();
      }
    }
  }

  private static void joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
