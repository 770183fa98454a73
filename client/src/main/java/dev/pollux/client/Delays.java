package dev.pollux.client;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Runs tasks later. Tests bring their own time.
interface Delays extends AutoCloseable {

  /// Runs `task` after `nanos`; never if this has been closed.
  void after(long nanos, Runnable task);

  @Override
  void close();

  /// By the clock, on a thread that is started when it is needed.
  static Delays byTheClock(String threadName) {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> Thread.ofPlatform().daemon().name(threadName + "-reconnect").unstarted(task));
    return new Delays() {
      @Override
      public void after(long nanos, Runnable task) {
        try {
          var _ = timer.schedule(task, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
          // The client has ended: nothing is tried any more.
        }
      }

      @Override
      public void close() {
        timer.shutdownNow();
        try {
          timer.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    };
  }
}
