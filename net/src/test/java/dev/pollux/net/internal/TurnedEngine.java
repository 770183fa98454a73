package dev.pollux.net.internal;

import dev.pollux.net.ConnectOptions;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.EngineStatistics;
import dev.pollux.net.Owner;
import dev.pollux.net.Protocol;
import dev.pollux.net.internal.loop.LoopEngine;
import dev.pollux.net.internal.readiness.Poller;
import dev.pollux.net.internal.readiness.ReadinessLoop;
import dev.pollux.net.simulation.Chance;
import dev.pollux.sys.Errno;
import dev.pollux.sys.Kernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.ResourceBundle;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// An engine of several readiness loops that the test's own thread turns, in an order by chance:
/// what [LoopEngine] does without its threads.
///
/// That thread is one loop's only while it turns it, and nobody's between the turns. So a send from
/// a callback of one loop to a connection of another one goes the way that it goes between threads.
///
/// A loop that would wait is left where it waits ([ParkingPoller]), and goes on when its kernel
/// tells of something or its time is over, never because somebody knows that it has something to
/// do. In the middle of a loop's turn another one may be turned, whole ([#turnAnother]).
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
  private final List<Turned> loops;
  private final Chance chance;
  private final boolean waits;

  /// How often the first loop is preferred to the others, in percent.
  private final int firstPercent;

  private @Nullable Turned turning;
  private boolean ended;

  /// A loop and how far it is.
  private static final class Turned {
    final ReadinessLoop loop;
    final ParkingPoller poller;

    /// Its turn is on the stack.
    boolean busy;

    boolean over;

    Turned(ReadinessLoop loop, ParkingPoller poller) {
      this.loop = loop;
      this.poller = poller;
    }
  }

  private TurnedEngine(LoopEngine engine, List<Turned> loops, Chance chance) {
    this.engine = engine;
    this.loops = loops;
    this.chance = chance;
    this.waits = loops.getFirst().poller.waits();
    this.firstPercent = chance.percent(50) ? 0 : chance.below(95);
  }

  /// Opens it, and its loops, on the calling thread.
  ///
  /// @param kernel every owner's
  /// @param wait what `kernel` says of its last wait
  /// @param failures told of each callback, connection or task that threw
  public static TurnedEngine open(
      EngineOptions options,
      Kernel kernel,
      LastWait wait,
      Mutation mutation,
      Chance chance,
      Consumer<@Nullable Throwable> failures)
      throws IOException {
    ReadinessLoop.PollerFactory pollers = Engines.pollers(options.model());
    RateLimitedLog log = new RateLimitedLog(new Told(failures), EVERY_TIME);
    Function<Arena, Kernel> kernels = arena -> kernel;
    List<Turned> made = new ArrayList<>();
    LoopEngine engine =
        LoopEngine.turnedByCaller(
            options,
            options.loops(),
            (same, quiet) -> {
              ParkingPoller[] poller = new ParkingPoller[1];
              ReadinessLoop.PollerFactory parking =
                  (calls, arena) -> {
                    Poller waiting = pollers.open(calls, arena);
                    if (mutation != Mutation.NONE) {
                      waiting = new MutantPoller(waiting, mutation, chance);
                    }
                    poller[0] = new ParkingPoller(waiting, wait);
                    return poller[0];
                  };
              ReadinessLoop loop = new ReadinessLoop(options, kernels, parking, log);
              loop.owner().ownBy(null);
              made.add(new Turned(loop, poller[0]));
              return loop;
            });
    return new TurnedEngine(engine, made, chance);
  }

  /// What a kernel says of the last call that waited.
  public interface LastWait {
    /// When it would have been over, had nothing happened; -1 if it was over at once.
    long untilNanos();

    /// What time it is for that kernel.
    long nowNanos();

    /// From now on a wait only looks, on behalf of somebody who waits already.
    void onlyLook(boolean look);
  }

  // Who is the owner

  private void as(@Nullable Turned owner, Runnable what) {
    Turned before = turning;
    own(before, null);
    own(owner, Thread.currentThread());
    turning = owner;
    try {
      what.run();
    } finally {
      turning = before;
      own(owner, null);
      own(before, Thread.currentThread());
    }
  }

  private static void own(@Nullable Turned which, @Nullable Thread by) {
    if (which != null) {
      which.loop.owner().ownBy(by);
    }
  }

  /// Does what another thread does, who is no loop's.
  public void elsewhere(Runnable what) {
    as(null, what);
  }

  /// The number of the loop whose turn it is, -1 for nobody's.
  public int turning() {
    Turned now = turning;
    return now == null ? -1 : loops.indexOf(now);
  }

  /// Whether the loop with this owner has ended.
  public boolean hasEnded(Owner owner) {
    for (Turned each : loops) {
      if (each.loop.owner().equals(owner)) {
        return each.over;
      }
    }
    throw new IllegalArgumentException("nobody's owner");
  }

  // What other threads ask for

  /// Listens with the first loop, as this does.
  public void listen(InetSocketAddress address, Supplier<? extends Protocol> protocols)
      throws IOException {
    IOException[] refused = new IOException[1];
    as(
        loops.getFirst(),
        () -> {
          try {
            engine.listen(address, protocols);
          } catch (IOException e) {
            refused[0] = e;
          }
        });
    if (refused[0] != null) {
      throw refused[0];
    }
  }

  /// Has the first loop stop listening, as a task.
  ///
  /// @param then what else the task does
  /// @return whether it was accepted
  public boolean stopListeningFromElsewhere(Runnable then) {
    return enterFromElsewhere(
        0,
        () -> {
          engine.stopListening();
          then.run();
        });
  }

  /// Connects as another thread asks for it.
  public void connectFromElsewhere(ConnectOptions to, Protocol protocol) {
    elsewhere(() -> engine.connect(to, protocol));
  }

  /// Hands a task over to some loop, as another thread does.
  public boolean executeFromElsewhere(Runnable task) {
    return enterFromElsewhere(chance.below(loops.size()), task);
  }

  private boolean enterFromElsewhere(int loop, Runnable task) {
    boolean[] taken = new boolean[1];
    elsewhere(() -> taken[0] = loops.get(loop).loop.owner().enter(task));
    return taken[0];
  }

  // Turns

  /// A turn of one of the loops that have reason to take one, if only to begin to wait; a turn of
  /// each, where none ever waits.
  ///
  /// @return false if all of them wait and have to wait on
  public boolean turn() {
    int first = chance.percent(firstPercent) ? 0 : chance.below(loops.size());
    boolean turned = false;
    for (int i = 0; i < loops.size() && (!turned || !waits); i++) {
      turned |= step(loops.get((first + i) % loops.size()));
    }
    return turned;
  }

  /// In the middle of one loop's turn, a turn of another one that has reason to take one.
  public void turnAnother() {
    Turned another = loops.get(chance.below(loops.size()));
    if (!another.busy) {
      step(another);
    }
  }

  /// Lets a loop go on; false if it waits and has to wait on.
  private boolean step(Turned which) {
    if (which.over || (which.poller.isParked() && !which.poller.comesBack())) {
      return false;
    }
    long mayWait = which.poller.isParked() ? 0 : Long.MAX_VALUE;
    which.busy = true;
    try {
      as(which, () -> turnUntilParked(which.loop, mayWait));
    } finally {
      which.busy = false;
    }
    return true;
  }

  private static void turnUntilParked(ReadinessLoop loop, long mayWaitNanos) {
    try {
      loop.turn(mayWaitNanos);
    } catch (ParkingPoller.Parked parked) {
      // It waits.
    } catch (IllegalStateException e) {
      // As Loop.run does: it goes on. A wait for which there is no memory is nobody's fault.
      if (!Objects.requireNonNull(e.getMessage()).contains(Errno.describe(-Errno.ENOMEM))) {
        throw e;
      }
    }
  }

  /// When the first of the loops that wait will have waited long enough; [Long#MAX_VALUE] for
  /// never.
  public long waitUntilNanos() {
    long until = Long.MAX_VALUE;
    for (Turned each : loops) {
      if (each.poller.isParked() && !each.over) {
        until = Math.min(until, each.poller.untilNanos());
      }
    }
    return until;
  }

  /// Nanoseconds, -1 if none is set.
  public long nanosToNextTimer() {
    long next = -1;
    for (Turned each : loops) {
      long now = each.loop.nanoClock.getAsLong();
      long its = each.loop.owner().nanosToNextTimer(each.loop.nanosToNextTimer(now));
      next = next < 0 ? its : its < 0 ? next : Math.min(next, its);
    }
    return next;
  }

  public EngineStatistics statistics() {
    return engine.statistics();
  }

  /// Bytes of the loops' buffers that somebody has.
  public long lentBytes() {
    return loops.stream().mapToLong(each -> each.loop.buffers().lentBytes()).sum();
  }

  /// Ends everything, once: one loop after the other, by chance.
  public void end() {
    if (ended) {
      return;
    }
    ended = true;
    elsewhere(engine::close);
    List<Turned> left = new ArrayList<>(loops);
    while (!left.isEmpty()) {
      Turned next = left.remove(chance.below(left.size()));
      if (next.poller.isParked()) {
        step(next);
      }
      next.busy = true;
      as(next, next.loop::run);
      next.over = true;
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
