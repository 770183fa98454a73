package dev.pollux.net;

import dev.pollux.sys.Errno;
import dev.pollux.sys.Fcntl;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.PollFds;
import dev.pollux.sys.Ring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The real kernel with faults that a real kernel may have, by chance from a seed or on demand. One
/// object makes the kernels of all owners.
///
/// Not every lie is allowed: `EAGAIN` while there is something to receive would be one that an
/// edge-triggered program could never recover from, and the kernel does not tell it. `EINTR`, short
/// receives and short sends may come at any time.
final class FaultyKernel {
  private final long seed;
  private final Random random;

  /// Out of 100 calls that can be interrupted or cut short, how many are.
  private final int percent;

  /// How many accept4 calls more fail with this errno; on a descriptor that does not block, only
  /// calls that a client waits for count, so that a model that tries all the time takes no fault
  /// before its client is there.
  final AtomicInteger acceptFailures = new AtomicInteger();

  final AtomicInteger acceptErrno = new AtomicInteger();
  final AtomicLong acceptCalls = new AtomicLong();

  /// How many epoll_ctl calls more fail with `ENOSPC`, after those that the engine needs for
  /// itself.
  final AtomicInteger watchFailures = new AtomicInteger();

  FaultyKernel(long seed, int percent) {
    this.seed = seed;
    this.random = new Random(seed);
    this.percent = percent;
  }

  Kernel over(Kernel real) {
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> call(real, method, arguments));
  }

  /// A ring with faults of the same seed.
  Ring over(Ring real) {
    return new FaultyRing(real, this, seed, percent);
  }

  private Object call(Kernel real, Method method, @Nullable Object[] arguments) throws Throwable {
    switch (method.getName()) {
      case "accept4" -> {
        boolean fails =
            acceptFailures.get() > 0
                && mayFail(real, (int) arguments[0])
                && acceptFailures.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
        // Counted when it is decided: a test that waits for the call knows that it is past this.
        acceptCalls.incrementAndGet();
        if (fails) {
          return -acceptErrno.get();
        }
      }
      case "epollCtl" -> {
        if (watchFailures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
          return -Errno.ENOSPC;
        }
      }
      case "epollWait", "poll", "select" -> {
        if (chance()) {
          return -Errno.EINTR;
        }
      }
      case "recv" -> {
        if (chance()) {
          return -Errno.EINTR;
        }
        if (chance()) {
          // No data is lost: the rest stays in the socket.
          MemorySegment buffer = (MemorySegment) arguments[1];
          long few = 1 + below(buffer.byteSize());
          return real.recv((int) arguments[0], buffer.asSlice(0, few), (int) arguments[2]);
        }
      }
      case "send" -> {
        if (chance()) {
          return -Errno.EINTR;
        }
        long length = (long) arguments[3];
        if (length > 1 && chance()) {
          return real.send(
              (int) arguments[0],
              (MemorySegment) arguments[1],
              (long) arguments[2],
              1 + below(length - 1),
              (int) arguments[4]);
        }
      }
      case "sendmsg" -> {
        if (chance()) {
          return -Errno.EINTR;
        }
      }
      default -> {}
    }
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static boolean mayFail(Kernel real, int listening) {
    int flags = real.fcntl(listening, Fcntl.F_GETFL, 0);
    // `nio` has no such call, and accepts only when somebody waits.
    if (flags < 0 || (flags & Fcntl.O_NONBLOCK) == 0) {
      return true;
    }
    try (Arena arena = Arena.ofConfined()) {
      PollFds one = PollFds.allocate(arena, 1);
      one.set(0, listening, PollFds.POLLIN);
      return real.poll(one, 1, 0) == 1;
    }
  }

  private synchronized boolean chance() {
    return random.nextInt(100) < percent;
  }

  private synchronized long below(long bound) {
    return random.nextLong(bound);
  }
}
