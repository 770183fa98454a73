package dev.pollux.lab.load;

import com.sun.management.OperatingSystemMXBean;
import dev.pollux.lab.machine.ProcessFigures;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/// Time, CPU time and messages at one moment.
record Usage(long nanos, long loadCpuNanos, @Nullable ProcessFigures server, long messages) {

  static Usage now(long serverPid, long messages) {
    OperatingSystemMXBean self = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Usage(
        System.nanoTime(),
        self.getProcessCpuTime(),
        serverPid == 0 ? null : figures(serverPid),
        messages);
  }

  private static @Nullable ProcessFigures figures(long pid) {
    try {
      return ProcessFigures.of(pid);
    } catch (IOException e) {
      // It has ended, or is not ours to look at: there is no figure then.
      return null;
    }
  }

  double secondsSince(Usage before) {
    return (nanos - before.nanos) / 1e9;
  }

  double loadCpuMicrosSince(Usage before) {
    return (loadCpuNanos - before.loadCpuNanos) / 1e3;
  }

  @Nullable Double serverCpuMicrosSince(Usage before) {
    // Of the difference: what threads have used that ended before makes it no less exact.
    return server == null || before.server == null
        ? null
        : server.since(before.server).cpuNanos() / 1e3;
  }
}
