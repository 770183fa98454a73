package dev.pollux.sys;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts the signals SIGPIPE of this process. The JVM survives them by a handler of its own, so
/// that living on shows nothing.
final class Sigpipe implements AutoCloseable {

  private final Method handle;
  private final Object signal;
  private final Object previous;
  private final AtomicInteger count = new AtomicInteger();
  private final Semaphore arrived = new Semaphore(0);
  private int awaited;

  /// By reflection: a class of the JDK that cannot be named without a warning.
  Sigpipe() throws ReflectiveOperationException {
    Class<?> signals = Class.forName("sun.misc.Signal");
    Class<?> handler = Class.forName("sun.misc.SignalHandler");
    signal = signals.getConstructor(String.class).newInstance("PIPE");
    handle = signals.getMethod("handle", signals, handler);
    Object counting =
        Proxy.newProxyInstance(
            Sigpipe.class.getClassLoader(),
            new Class<?>[] {handler},
            (proxy, method, arguments) -> {
              count.incrementAndGet();
              arrived.release();
              return null;
            });
    previous = handle.invoke(null, signal, counting);
  }

  /// Waits until this many signals have come since the start.
  void await(int total) throws InterruptedException {
    assertTrue(
        arrived.tryAcquire(total - awaited, Sockets.WAIT_MILLIS, TimeUnit.MILLISECONDS),
        "no SIGPIPE");
    awaited = total;
  }

  int count() {
    return count.get();
  }

  @Override
  public void close() throws ReflectiveOperationException {
    handle.invoke(null, signal, previous);
  }
}
