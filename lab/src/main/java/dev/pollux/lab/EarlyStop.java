package dev.pollux.lab;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Ends a run before its time in such a way that what was measured until then is not lost.
///
/// ```
///   enter() --- the run, which stop() interrupts --- leave() --- its report is written --- close()
///                                                                                            |
///   SIGINT, SIGTERM: stop(), and the process lives until ----------------------------------- +
/// ```
///
/// The run is of one thread, which calls [#enter], [#leave] and [#close]; [#stop] is for any.
public final class EarlyStop implements AutoCloseable {
  private static final int SECONDS_TO_END = 30;

  /// 128 and the number of SIGINT, as a shell tells it.
  private static final int INTERRUPTED = 130;

  private final CountDownLatch closed = new CountDownLatch(1);
  private @Nullable Thread runner;
  private boolean stopped;

  /// One that SIGINT and SIGTERM stop. The process then ends when it is closed, at the latest after
  /// 30 s.
  public static EarlyStop atShutdown() {
    EarlyStop stop = new EarlyStop();
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(stop::stopAndWait));
    return stop;
  }

  /// The calling thread is the run's from here on.
  ///
  /// @return whether it may go on; false if it was stopped before
  public synchronized boolean enter() {
    runner = Thread.currentThread();
    return !stopped;
  }

  /// Interrupts the run, now or as soon as it asks whether it may go on.
  public synchronized void stop() {
    stopped = true;
    if (runner != null) {
      runner.interrupt();
    }
  }

  /// Whether the run was told to stop. What fails from then on is no failure: Ctrl-C reaches the
  /// processes that the run has started as well.
  public synchronized boolean isStopped() {
    return stopped;
  }

  /// No more interrupts from here on; the last one is forgotten.
  ///
  /// @return whether the run was stopped
  public synchronized boolean leave() {
    runner = null;
    Thread.interrupted();
    return stopped;
  }

  /// Lets the process end: whatever is to be left of the run has been written.
  @Override
  public void close() {
    closed.countDown();
  }

  private void stopAndWait() {
    stop();
    try {
      if (!closed.await(SECONDS_TO_END, TimeUnit.SECONDS)) {
        Runtime.getRuntime().halt(INTERRUPTED);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
