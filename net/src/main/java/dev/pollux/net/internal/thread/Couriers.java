package dev.pollux.net.internal.thread;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// The threads that bring to a connection what others want of it while its worker is in recv(2), in
/// send(2) or parked: for each such connection one, only as long as there is something to bring.
///
/// Such a thread may block as the worker may: in a callback, or in send(2) for its connection's
/// slow peer. So there are as many as there are connections that need one; those that are idle are
/// kept for a moment.
public final class Couriers implements AutoCloseable {
  private static final long IDLE_MILLIS = 500;

  /// Those that are alive; changed when a thread begins or ends, not for each errand.
  private final Set<Thread> alive = ConcurrentHashMap.newKeySet();

  private final ThreadPoolExecutor threads;
  private final AtomicLong sent = new AtomicLong();

  /// @param factory makes threads of the kind that the connections have
  public Couriers(ThreadFactory factory) {
    this.threads =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE_MILLIS,
            TimeUnit.MILLISECONDS,
            new SynchronousQueue<>(),
            errands -> factory.newThread(() -> run(errands)));
  }

  private void run(Runnable errands) {
    alive.add(Thread.currentThread());
    try {
      errands.run();
    } finally {
      alive.remove(Thread.currentThread());
    }
  }

  /// Whether it is one of these. Any thread.
  public boolean isCourier(Thread thread) {
    return alive.contains(thread);
  }

  /// Has a thread run `errand`. Any thread, which does not wait.
  ///
  /// @return false if the engine has ended, and with it all connections
  /// @throws OutOfMemoryError if no thread is to be had
  public boolean send(Runnable errand) {
    sent.incrementAndGet();
    try {
      threads.execute(errand);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /// How many were sent so far. Any thread.
  public long sent() {
    return sent.get();
  }

  /// Lets the errands that are under way be done, and takes no more. All connections have ended.
  @Override
  public void close() {
    threads.shutdown();
    boolean interrupted = false;
    boolean over = false;
    while (!over) {
      try {
        over = threads.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
