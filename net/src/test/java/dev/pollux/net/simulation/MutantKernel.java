package dev.pollux.net.simulation;

import dev.pollux.net.internal.Mutation;
import dev.pollux.sys.Kernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/// A kernel with a bug that was put in on purpose.
final class MutantKernel {
  private final Kernel kernel;
  private final Mutation mutation;
  private final Chance chance;

  private MutantKernel(Kernel kernel, Mutation mutation, Chance chance) {
    this.kernel = kernel;
    this.mutation = mutation;
    this.chance = chance;
  }

  static Kernel over(Kernel kernel, Mutation mutation, Chance chance) {
    MutantKernel mutant = new MutantKernel(kernel, mutation, chance);
    return (Kernel)
        Proxy.newProxyInstance(
            Kernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> mutant.call(method, arguments));
  }

  private Object call(Method method, @Nullable Object[] arguments) throws Throwable {
    switch (method.getName()) {
      case "recv" -> {
        if (mutation == Mutation.SWALLOWS_A_BYTE && chance.percent(10)) {
          MemorySegment buffer = (MemorySegment) arguments[1];
          int received = kernel.recv((int) arguments[0], buffer, (int) arguments[2]);
          if (received > 1) {
            MemorySegment.copy(buffer, 1, buffer, 0, received - 1);
            return received - 1;
          }
          return received;
        }
      }
      case "send" -> {
        if (mutation == Mutation.DOUBLES_A_BYTE && chance.percent(10)) {
          MemorySegment buffer = (MemorySegment) arguments[1];
          long offset = (long) arguments[2];
          int flags = (int) arguments[4];
          int sent = kernel.send((int) arguments[0], buffer, offset, 1, flags);
          return sent < 1
              ? sent
              : Math.max(0, kernel.send((int) arguments[0], buffer, offset, 1, flags));
        }
      }
      case "close" -> {
        if (mutation == Mutation.LEAKS_A_DESCRIPTOR && chance.percent(10)) {
          return 0;
        }
      }
      case "write" -> {
        if (mutation == Mutation.LOSES_A_WAKE_UP) {
          MemorySegment one = (MemorySegment) arguments[1];
          return Math.toIntExact(one.get(ValueLayout.JAVA_LONG, 0) * Long.BYTES);
        }
      }
      default -> {}
    }
    try {
      return method.invoke(kernel, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
