package dev.pollux.net.internal;

import dev.pollux.net.ConnectOptions;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.EngineStatistics;
import dev.pollux.net.Protocol;
import dev.pollux.net.simulation.Chance;
import dev.pollux.sys.Kernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.ResourceBundle;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// An engine of one readiness loop that the test's own thread turns: what [LoopEngine] does without
/// its threads.
public final class TurnedEngine {
  /// A clock on which a second is over whenever it is asked, so that no line is left out.
  private static final LongSupplier EVERY_TIME =
      new LongSupplier() {
        private long now;

        @Override
        public long getAsLong() {
          now += 1L << 40;
          return now;
        }
      };

  private final LoopEngine engine;
  private final ReadinessLoop loop;
  private boolean ended;

  private TurnedEngine(LoopEngine engine, ReadinessLoop loop) {
    this.engine = engine;
    this.loop = loop;
  }

  /// Opens it, and its loop, on the calling thread.
  ///
  /// @param kernel every owner's
  /// @param failures told of each callback, connection or task that threw
  public static TurnedEngine open(
      EngineOptions options,
      Kernel kernel,
      Mutation mutation,
      Chance chance,
      Consumer<@Nullable Throwable> failures)
      throws IOException {
    ReadinessLoop.PollerFactory pollers = Engines.pollers(options.model());
    RateLimitedLog log = new RateLimitedLog(new Told(failures), EVERY_TIME);
    Function<Arena, Kernel> kernels = arena -> kernel;
    ReadinessLoop[] made = new ReadinessLoop[1];
    LoopEngine engine =
        LoopEngine.turnedByCaller(
            options,
            (same, quiet) -> {
              made[0] =
                  new ReadinessLoop(
                      options,
                      kernels,
                      mutation == Mutation.NONE
                          ? pollers
                          : (calls, arena) ->
                              new MutantPoller(pollers.open(calls, arena), mutation, chance),
                      log);
              return made[0];
            });
    return new TurnedEngine(engine, made[0]);
  }

  public InetSocketAddress listen(InetSocketAddress address, Supplier<? extends Protocol> protocols)
      throws IOException {
    return engine.listen(address, protocols);
  }

  public void stopListening() {
    engine.stopListening();
  }

  /// Connects as another thread asks for it.
  public void connectFromElsewhere(ConnectOptions to, Protocol protocol) {
    engine.connect(to, protocol);
    loop.wakeup.wake();
  }

  /// Hands a task over as another thread does.
  public boolean executeFromElsewhere(Runnable task) {
    boolean taken = loop.owner().add(task);
    if (taken) {
      loop.wakeup.wake();
    }
    return taken;
  }

  /// One turn, which waits as long as it likes.
  public void turn() {
    loop.turn(Long.MAX_VALUE);
  }

  /// Nanoseconds, -1 if none is set.
  public long nanosToNextTimer() {
    return loop.nanosToNextTimer();
  }

  public EngineStatistics statistics() {
    return engine.statistics();
  }

  /// Bytes of the loop's buffers that somebody has.
  public long lentBytes() {
    return loop.buffers().lentBytes();
  }

  /// Ends everything, once.
  public void end() {
    if (!ended) {
      ended = true;
      engine.close();
      loop.run();
    }
  }

  private record Told(Consumer<@Nullable Throwable> failures) implements System.Logger {
    @Override
    public String getName() {
      return "simulation";
    }

    @Override
    public boolean isLoggable(Level level) {
      return true;
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String message,
        @Nullable Throwable thrown) {
      if (level == Level.ERROR) {
        failures.accept(thrown);
      }
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String format,
        @Nullable Object... parameters) {}
  }
}
