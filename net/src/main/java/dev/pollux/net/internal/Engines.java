package dev.pollux.net.internal;

import dev.pollux.net.Engine;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.IoModel;
import dev.pollux.net.ModelChoice;
import dev.pollux.net.internal.loop.LoopEngine;
import dev.pollux.net.internal.nio.ChannelKernel;
import dev.pollux.net.internal.nio.ChannelTable;
import dev.pollux.net.internal.nio.NioPoller;
import dev.pollux.net.internal.readiness.EpollPoller;
import dev.pollux.net.internal.readiness.NonblockingPoller;
import dev.pollux.net.internal.readiness.PollPoller;
import dev.pollux.net.internal.readiness.ReadinessLoop;
import dev.pollux.net.internal.readiness.SelectPoller;
import dev.pollux.net.internal.ring.UringLoop;
import dev.pollux.net.internal.thread.ThreadEngine;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.LinuxKernel;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Which engine a model is.
public final class Engines {
  private static final Logger LOGGER = System.getLogger("dev.pollux.net");

  private Engines() {}

  /// Opens the engine of the model that the options name.
  ///
  /// @throws IOException if the model can't be had here
  public static Engine open(EngineOptions options) throws IOException {
    if (options.model() == IoModel.AUTO) {
      return openBest(options);
    }
    String why = options.model() == IoModel.NIO ? null : LinuxKernel.whyUnavailable();
    if (why != null) {
      throw new IOException("I/O model " + options.model() + " is not available: " + why);
    }
    int cores = Runtime.getRuntime().availableProcessors();
    int loops = options.loops() == 0 ? cores : options.loops();
    return switch (options.model()) {
      case BLOCKING -> ThreadEngine.open(options, kernels(options), false);
      case VIRTUAL -> ThreadEngine.open(options, kernels(options), true);
      // It burns a CPU for each loop, so there is one unless more are asked for.
      case NONBLOCKING -> readiness(options, Math.max(1, options.loops()));
      case SELECT, POLL, EPOLL, EPOLL_ET -> readiness(options, loops);
      case IO_URING ->
          LoopEngine.open(
              options,
              loops,
              (engine, log) -> new UringLoop(engine, options, kernels(options), log));
      case NIO -> nio(options, loops);
      case AUTO -> throw new AssertionError("AUTO is one of the others");
    };
  }

  /// Tries the models in order, and says in the log what was taken and why.
  private static Engine openBest(EngineOptions options) throws IOException {
    List<String> refusals = new ArrayList<>();
    for (ModelChoice choice : AutoChoice.ranked(options, AutoChoice.Machine.here())) {
      try {
        Engine engine = open(options.withModel(choice.model()));
        String reason =
            refusals.isEmpty()
                ? choice.reason()
                : choice.reason() + " (" + String.join("; ", refusals) + ")";
        LOGGER.log(Level.INFO, "I/O model auto is {0} here ({1})", choice.model(), reason);
        return new ChosenEngine(engine, new ModelChoice(IoModel.AUTO, choice.model(), reason));
      } catch (IOException e) {
        refusals.add(String.valueOf(e.getMessage()));
      }
    }
    throw new IOException("no I/O model is available: " + String.join("; ", refusals));
  }

  private static Engine nio(EngineOptions options, int loops) throws IOException {
    ChannelTable table = new ChannelTable();
    Function<Arena, Kernel> kernels = arena -> options.kernels().apply(new ChannelKernel(table));
    return LoopEngine.open(
        options,
        loops,
        (engine, log) ->
            new ReadinessLoop(options, kernels, (kernel, arena) -> new NioPoller(table), log));
  }

  /// Makes the kernel of each owner, with memory of that arena.
  private static Function<Arena, Kernel> kernels(EngineOptions options) {
    return arena -> options.kernels().apply(new LinuxKernel(arena));
  }

  private static Engine readiness(EngineOptions options, int loops) throws IOException {
    ReadinessLoop.PollerFactory pollers = pollers(options.model());
    return LoopEngine.open(
        options,
        loops,
        (engine, log) -> new ReadinessLoop(options, kernels(options), pollers, log));
  }

  /// What the loops of a model wait with that calls the kernel for readiness.
  ///
  /// @throws IllegalArgumentException for the other models
  public static ReadinessLoop.PollerFactory pollers(IoModel model) {
    return switch (model) {
      case NONBLOCKING -> (kernel, arena) -> new NonblockingPoller();
      case SELECT -> SelectPoller::new;
      case POLL -> (kernel, arena) -> new PollPoller(kernel);
      case EPOLL -> (kernel, arena) -> new EpollPoller(kernel, arena, false);
      case EPOLL_ET -> (kernel, arena) -> new EpollPoller(kernel, arena, true);
      default -> throw new IllegalArgumentException(model + " has no poller of the kernel's");
    };
  }
}
