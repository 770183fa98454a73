package dev.pollux.server;

import dev.pollux.net.IoModel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Bursts of peers that have a server hold as much as it will, in a JVM of its own with a small
/// heap and a small budget: what is resident stays below a bound, who behaves is served all the
/// while, and after each burst the memory is back at the system.
///
/// The defaults are one part in 25 of what `-Dpollux.bursts=full` does: 5,000 peers with unfinished
/// messages of 1 MB, 2,000 readers that stall under broadcasts of 1 byte, 10,000 handshakes that
/// are not finished (plain and TLS), 500 compression bombs, with 256 MiB each of heap and budget.
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class MemoryBurstTest {
  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "IO_URING", "VIRTUAL"})
  void whatIsHeldIsBoundedAndGivenBack(IoModel model) throws Exception {
    if (Bursts.FULL) {
      // One takes nearly all of the descriptors that a process has.
      synchronized (MemoryBurstTest.class) {
        run(model);
      }
    } else {
      run(model);
    }
  }

  private static void run(IoModel model) throws Exception {
    try (Bursts bursts = new Bursts(model)) {
      bursts.run();
    }
  }
}
