package dev.pollux.net.internal;

import dev.pollux.net.Engine;
import dev.pollux.net.EngineOptions;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.LinuxKernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.function.Function;

/// Which engine a model is.
public final class Engines {
  private Engines() {}

  /// Opens the engine of the model that the options name.
  ///
  /// @throws IOException if the model can't be had here
  public static Engine open(EngineOptions options) throws IOException {
    String why = LinuxKernel.whyUnavailable();
    if (why != null) {
      throw new IOException("I/O model " + options.model() + " is not available: " + why);
    }
    int cores = Runtime.getRuntime().availableProcessors();
    int loops = options.loops() == 0 ? cores : options.loops();
    return switch (options.model()) {
      case BLOCKING -> ThreadEngine.open(options, kernels(options), false);
      case VIRTUAL -> ThreadEngine.open(options, kernels(options), true);
      // It burns a CPU for each loop, so there is one unless more are asked for.
      case NONBLOCKING ->
          readiness(
              options, Math.max(1, options.loops()), (kernel, arena) -> new NonblockingPoller());
      case SELECT -> readiness(options, loops, SelectPoller::new);
      case POLL -> readiness(options, loops, (kernel, arena) -> new PollPoller(kernel));
      case EPOLL ->
          readiness(options, loops, (kernel, arena) -> new EpollPoller(kernel, arena, false));
      case EPOLL_ET ->
          readiness(options, loops, (kernel, arena) -> new EpollPoller(kernel, arena, true));
      case IO_URING ->
          LoopEngine.open(
              options,
              loops,
              (engine, log) -> new UringLoop(engine, options, kernels(options), log));
    };
  }

  /// Makes the kernel of each owner, with memory of that arena.
  private static Function<Arena, Kernel> kernels(EngineOptions options) {
    return arena -> options.kernels().apply(new LinuxKernel(arena));
  }

  private static Engine readiness(
      EngineOptions options, int loops, ReadinessLoop.PollerFactory pollers) throws IOException {
    return LoopEngine.open(
        options,
        loops,
        (engine, log) -> new ReadinessLoop(options, kernels(options), pollers, log));
  }
}
