package dev.pollux.net;

import dev.pollux.sys.Kernel;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/// A kernel that tells of each call before it passes it on.
final class WatchedKernel {
  private WatchedKernel() {}

  static Kernel around(Kernel kernel, Runnable onCall) {
    return (Kernel)
        Proxy.newProxyInstance(
            WatchedKernel.class.getClassLoader(),
            new Class<?>[] {Kernel.class},
            (proxy, method, arguments) -> {
              onCall.run();
              try {
                return method.invoke(kernel, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
