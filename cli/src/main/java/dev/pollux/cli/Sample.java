package dev.pollux.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.pollux.net.EngineStatistics;
import dev.pollux.net.ModelChoice;
import dev.pollux.server.PolluxServer;
import dev.pollux.server.ServerStatistics;
import java.lang.management.ManagementFactory;

/// What the server has done so far, at one time.
///
/// @param nanos the time, from any origin
/// @param cpuNanos CPU time of the whole process, in user and system mode
/// @param connections sessions that are open, without the viewers
/// @param messagesIn messages received, without the viewers'
/// @param messagesOut messages sent, without those to viewers
record Sample(
    ModelChoice choice,
    int loops,
    long nanos,
    long cpuNanos,
    int connections,
    int viewers,
    long messagesIn,
    long messagesOut,
    EngineStatistics engine,
    long heapBytes,
    int threads) {

  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  static Sample of(PolluxServer server, int viewers, long ownIn, long ownOut) {
    ServerStatistics all = server.statistics();
    Runtime memory = Runtime.getRuntime();
    // A viewer that is just coming or going may be in one count and not in the other yet.
    return new Sample(
        server.choice(),
        server.loops(),
        System.nanoTime(),
        PROCESS.getProcessCpuTime(),
        Math.max(0, all.sessions().open() - viewers),
        viewers,
        Math.max(0, all.sessions().messagesIn() - ownIn),
        Math.max(0, all.sessions().messagesOut() - ownOut),
        all.engine(),
        memory.totalMemory() - memory.freeMemory(),
        ManagementFactory.getThreadMXBean().getThreadCount());
  }
}
