package dev.pollux.net.internal.loop;

import dev.pollux.net.ConnectOptions;
import dev.pollux.net.Engine;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.EngineStatistics;
import dev.pollux.net.IoModel;
import dev.pollux.net.Protocol;
import dev.pollux.net.internal.RateLimitedLog;
import dev.pollux.net.internal.Sockets;
import dev.pollux.sys.Kernel;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Loops, each turned by a thread of its own. One more accepts, and hands each client to the loop
/// with the fewest connections of those that keep up (SO_REUSEPORT would spread them unevenly, and
/// leave some to a loop that is held). It serves none itself: nobody's handler keeps newcomers out.
/// A single loop accepts for itself.
public final class LoopEngine implements Engine {
  /// What a loop has at hand when nothing is lent may be half of this.
  private static final long BUDGET_BYTES_OF_LOOP = 2L << 20;

  private final EngineOptions options;
  private final RateLimitedLog log;
  private final List<Thread> threads = new ArrayList<>();
  private final List<Loop> loops = new ArrayList<>();
  private final List<Loop.Listening> listeners = new ArrayList<>();

  /// The one that accepts: apart from those that serve, or the only one of them.
  private @Nullable Loop acceptor;

  private @Nullable Placement placement;

  /// Written by the loop that listens, read by all.
  private final List<Supplier<? extends Protocol>> listened = new CopyOnWriteArrayList<>();

  private LoopEngine(EngineOptions options) {
    this.options = options;
    this.log = new RateLimitedLog(System.getLogger("dev.pollux.net"), options.nanoClock());
  }

  public static LoopEngine open(EngineOptions options, int loops, Loop.Factory factory)
      throws IOException {
    long least = loops * BUDGET_BYTES_OF_LOOP;
    if (options.memory().limitBytes() < least) {
      throw new IOException(
          "the memory budget is %,d MiB, which is not enough for %d loops: at least %,d"
              .formatted(options.memory().limitBytes() >> 20, loops, least >> 20));
    }
    LoopEngine engine = new LoopEngine(options);
    try {
      for (int i = 0; i < loops; i++) {
        engine.loops.add(engine.startLoop(Integer.toString(i), factory));
      }
      engine.accept(loops == 1 ? engine.loops.get(0) : engine.startLoop("accept", factory));
      if (!engine.details().isEmpty()) {
        System.getLogger("dev.pollux.net")
            .log(Level.DEBUG, options.model() + " uses " + engine.details());
      }
      return engine;
    } catch (Throwable t) {
      engine.close();
      throw t;
    }
  }

  /// An engine whose loops the calling thread turns itself ([Loop#turn]), each while it owns it
  /// ([LoopOwner#ownBy]), without any thread of its own; after [#close] that thread calls
  /// [Loop#run], which ends a loop.
  public static LoopEngine turnedByCaller(EngineOptions options, int loops, Loop.Factory factory)
      throws IOException {
    LoopEngine engine = new LoopEngine(options);
    for (int i = 0; i < loops; i++) {
      engine.loops.add(factory.open(engine, engine.log));
    }
    engine.accept(engine.loops.get(0));
    return engine;
  }

  private void accept(Loop accepting) {
    acceptor = accepting;
    placement = new Placement(loops, options.nanoClock());
  }

  private Loop acceptor() {
    return Objects.requireNonNull(acceptor, "no loop accepts");
  }

  private boolean hasAcceptorApart() {
    return acceptor != null && !loops.contains(acceptor);
  }

  private Loop startLoop(String name, Loop.Factory factory) throws IOException {
    CompletableFuture<Loop> opened = new CompletableFuture<>();
    Thread thread =
        Thread.ofPlatform()
            .name(options.threadName() + "-" + options.model() + "-" + name)
            .start(() -> openAndRun(factory, opened));
    threads.add(thread);
    return await(opened);
  }

  private void openAndRun(Loop.Factory factory, CompletableFuture<Loop> opened) {
    Loop loop;
    try {
      loop = factory.open(this, log);
    } catch (Throwable t) {
      opened.completeExceptionally(t);
      return;
    }
    opened.complete(loop);
    loop.run();
  }

  public EngineOptions options() {
    return options;
  }

  /// Whom a client that was accepted goes to. The thread that accepts.
  public Loop forNewcomer() {
    return Objects.requireNonNull(placement, "no loop accepts").choose();
  }

  private Loop leastLoaded() {
    Loop least = loops.get(0);
    for (int i = 1; i < loops.size(); i++) {
      if (loops.get(i).load().get() < least.load().get()) {
        least = loops.get(i);
      }
    }
    return least;
  }

  /// Whether some loop has room for one connection more.
  public boolean hasRoom() {
    for (int i = 0; i < loops.size(); i++) {
      if (loops.get(i).hasRoom()) {
        return true;
      }
    }
    return false;
  }

  /// Remembers what makes the protocols of a listener, under a number that any loop knows it by.
  public int register(Supplier<? extends Protocol> protocols) {
    listened.add(protocols);
    return listened.size() - 1;
  }

  /// What makes the protocols of a listener's connections. Any loop.
  public Supplier<? extends Protocol> protocols(int id) {
    return listened.get(id);
  }

  public int connections() {
    int sum = 0;
    for (int i = 0; i < loops.size(); i++) {
      sum += loops.get(i).load().get();
    }
    // One that could not be handed on.
    return hasAcceptorApart() ? sum + acceptor().load().get() : sum;
  }

  @Override
  public IoModel model() {
    return options.model();
  }

  @Override
  public int loops() {
    return loops.size();
  }

  @Override
  public String details() {
    return loops.get(0).details();
  }

  @Override
  public InetSocketAddress listen(InetSocketAddress address, Supplier<? extends Protocol> protocols)
      throws IOException {
    Loop accepting = acceptor();
    CompletableFuture<InetSocketAddress> listening = new CompletableFuture<>();
    Runnable task =
        () -> {
          try {
            listening.complete(listenIn(accepting, address, protocols));
          } catch (Throwable t) {
            listening.completeExceptionally(t);
          }
        };
    runIn(accepting, task);
    return await(listening);
  }

  private InetSocketAddress listenIn(
      Loop accepting, InetSocketAddress address, Supplier<? extends Protocol> protocols)
      throws IOException {
    Kernel kernel = accepting.kernel();
    int fd = Sockets.listen(kernel, Sockets.resolved(address), options, accepting.socketFlags());
    InetSocketAddress local;
    try {
      local = Sockets.localAddress(kernel, fd, address);
    } catch (Throwable t) {
      kernel.close(fd);
      throw t;
    }
    listeners.add(accepting.listen(this, fd, local, protocols));
    return local;
  }

  @Override
  public void stopListening() {
    Loop accepting = acceptor();
    CompletableFuture<Boolean> stopped = new CompletableFuture<>();
    Runnable task =
        () -> {
          try {
            listeners.forEach(listening -> accepting.attempt(listening::close));
            listeners.clear();
          } finally {
            stopped.complete(true);
          }
        };
    try {
      runIn(accepting, task);
      await(stopped);
    } catch (IOException e) {
      // The loop has ended, and its listeners with it.
    }
  }

  @Override
  public void connect(ConnectOptions to, Protocol protocol) {
    Loop target = leastLoaded();
    target.load().incrementAndGet();
    if (!target.owner().enter(() -> target.connectGuarded(to, protocol))) {
      target.load().decrementAndGet();
      protocol.onConnectFailed(
          new IOException("connect " + Sockets.text(to.remote()) + ": the engine has ended"));
    }
  }

  @Override
  public EngineStatistics statistics() {
    EngineStatistics serving =
        loops.stream().map(Loop::statistics).reduce(EngineStatistics.NONE, EngineStatistics::plus);
    return hasAcceptorApart() ? serving.plus(acceptor().statistics()) : serving;
  }

  @Override
  public void close() {
    boolean fromLoop = hasAcceptorApart() && stops(acceptor());
    for (Loop loop : loops) {
      fromLoop |= stops(loop);
    }
    if (fromLoop) {
      return;
    }
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// Stops it; whether it is the calling thread's.
  private static boolean stops(Loop loop) {
    loop.stop();
    return loop.owner().isCurrent();
  }

  private static void runIn(Loop loop, Runnable task) throws IOException {
    if (loop.owner().isCurrent()) {
      task.run();
    } else if (!loop.owner().enter(task)) {
      throw new IOException("the engine has ended");
    }
  }

  private static <T> T await(CompletableFuture<T> future) throws IOException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a loop was asked");
    }
  }
}
