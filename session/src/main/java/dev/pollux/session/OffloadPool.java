package dev.pollux.session;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The threads that run offloaded work: started when there is work for them, at most so many, ended
/// when they have had nothing to do for a while. They are platform threads, because the work blocks
/// in ways that a virtual thread may not survive without holding its carrier (files, native calls).
public final class OffloadPool implements Executor, AutoCloseable {
  private static final long IDLE_SECONDS = 30;
  private static final long CLOSE_SECONDS = 1;

  private final ThreadPoolExecutor pool;

  /// @param threadName what the names of the threads begin with
  /// @param threads how many there are at most
  /// @param waiting works that may wait for a thread; more are refused
  public OffloadPool(String threadName, int threads, int waiting) {
    pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(waiting),
            Thread.ofPlatform().daemon().name(threadName + "-offload-", 1).factory());
    pool.allowCoreThreadTimeOut(true);
  }

  @Override
  public void execute(Runnable work) {
    pool.execute(work);
  }

  /// Interrupts what still runs, and waits a moment for it. Works that wait for a thread are run
  /// (their sessions have ended, so that they are cancelled and told so), not thrown away.
  @Override
  public void close() {
    pool.shutdownNow().forEach(Runnable::run);
    try {
      pool.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
