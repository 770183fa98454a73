package dev.pollux.net.internal.thread;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The threads that serve the connections of a [ThreadEngine]: a worker for each of them. Any
/// thread.
public final class ConnectionThreads {
  private final ThreadEngine engine;
  private final boolean relieved;
  private final Map<ThreadConnection, Thread> workers = new ConcurrentHashMap<>();

  /// @param relieved whether workers gain by another thread from time to time
  public ConnectionThreads(ThreadEngine engine, boolean relieved) {
    this.engine = engine;
    this.relieved = relieved;
  }

  /// Connections that are served.
  public int count() {
    return workers.size();
  }

  public boolean isWorker(Thread thread) {
    return workers.containsValue(thread);
  }

  public void forEachConnection(Consumer<ThreadConnection> action) {
    workers.keySet().forEach(action);
  }

  /// The calling thread is going to run the connection's worker.
  public void adopt(ThreadConnection connection) {
    Thread.currentThread().setName(connection.threadName());
    workers.put(connection, Thread.currentThread());
  }

  /// Starts a worker.
  ///
  /// @throws OutOfMemoryError if no thread is to be had: the JVM's word for EAGAIN of clone(2), the
  ///   limit of threads or of memory is reached
  public void start(Worker worker) {
    ThreadConnection connection = worker.connection();
    Thread thread = engine.threads().name(connection.threadName()).unstarted(worker);
    workers.put(connection, thread);
    try {
      thread.start();
    } catch (Throwable t) {
      workers.remove(connection);
      throw t;
    }
  }

  /// Has a new thread go on with what the calling one did, which is to end then. False if it has to
  /// go on itself.
  public boolean relieve(Worker worker) {
    if (!relieved) {
      return false;
    }
    Thread next = engine.threads().name(Thread.currentThread().getName()).unstarted(worker);
    // Before it starts: it may be the one whose connection ends.
    workers.put(worker.connection(), next);
    next.start();
    return true;
  }

  public void ended(ThreadConnection connection) {
    workers.remove(connection);
  }

  /// Returns when all have ended whose connections have.
  public void awaitEnd() {
    while (!workers.isEmpty()) {
      // Once more for those that were relieved meanwhile.
      workers.forEach((connection, worker) -> {
        worker.interrupt();
        connection.interruptCourier();
        joinUninterruptibly(worker);
      });
    }
  }

  /// Waits for a thread's end, whatever interrupts that.
  public static void joinUninterruptibly(Thread thread) {
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
