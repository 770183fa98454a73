package dev.pollux.net.tls;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Threads for the costly steps of handshakes (signatures, key agreement, certificates), so that no
/// loop stands still for a millisecond. They are started when there is work.
///
/// What waits is bounded by the sides that use it: each connection has at most one step here, and
/// [TlsOptions#maxHandshakes] bounds those connections.
public final class HandshakePool implements Executor, AutoCloseable {
  private static final long IDLE_SECONDS = 30;
  private static final long CLOSE_SECONDS = 1;

  private final ThreadPoolExecutor pool;

  private HandshakePool(ThreadPoolExecutor pool) {
    this.pool = pool;
  }

  /// A pool without threads yet.
  ///
  /// @param threadName what the threads' names begin with
  /// @param threads the most there are at once; 0 for one for each core
  public static HandshakePool start(String threadName, int threads) {
    int most = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            most,
            most,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name(threadName + "-tls-", 0).factory());
    pool.allowCoreThreadTimeOut(true);
    return new HandshakePool(pool);
  }

  @Override
  public void execute(Runnable step) {
    pool.execute(step);
  }

  /// Ends the threads; steps that wait are not run. To be called when the engine is closed.
  @Override
  public void close() {
    pool.shutdownNow();
    try {
      pool.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
