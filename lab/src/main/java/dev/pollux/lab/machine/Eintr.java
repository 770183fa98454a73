package dev.pollux.lab.machine;

import dev.pollux.sys.Errno;
import java.util.function.IntSupplier;

/// System calls that a signal has cut short (signal(7)): the JVM sends itself some, and any call
/// that waits may be hit.
public final class Eintr {
  private Eintr() {}

  /// Makes a call again for as long as it says `EINTR`. A timeout begins anew each time.
  ///
  /// @return what the call said, or another -errno
  public static int retried(IntSupplier call) {
    int result = call.getAsInt();
    while (result == -Errno.EINTR) {
      result = call.getAsInt();
    }
    return result;
  }
}
