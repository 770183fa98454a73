package dev.pollux.net.simulation;

import dev.pollux.net.ConnectOptions;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.IoModel;
import dev.pollux.net.Owner;
import dev.pollux.net.Protocol;
import dev.pollux.net.SharedOutput;
import dev.pollux.net.internal.Mutation;
import dev.pollux.net.internal.TurnedEngine;
import dev.pollux.sys.Kernel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// An engine of two loops on a [SimulatedKernel], turned by the calling thread until nothing
/// happens any more; and what must hold of every engine at its end.
public final class SimulatedHost {
  private static final int LOOPS = 2;

  /// How late a thread that is woken may run.
  private static final int LATEST_MICROS = 2_000;

  /// By which an entry is late, where that is the bug that was put in.
  private static final long DELAY_NANOS = 2_000_000;

  private static final int TURNS = 200_000;

  /// It never waits, and so it turns while the far ends wait too.
  private static final int TURNS_WITHOUT_WAITING = 20 * TURNS;

  private static final long LONGEST_TIMER_NANOS = 20_000_000_000L;
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final IoModel model;
  private final Agenda agenda = new Agenda();
  private final Chance chance;
  private final Network network;
  private final SimulatedKernel kernel;
  private final CallLog log;
  private final TurnedEngine engine;
  private final Mutants mutants;
  private final long heldBefore = SharedOutput.heldBytes();
  private final Class<? extends Throwable> onPurpose;
  private @Nullable SimulationFailure failure;
  private int tasksAccepted;
  private int tasksRan;
  private int turns;
  private boolean ending;
  private long progressBefore;
  private int idleTurns;
  private int restfulTurns;
  private long happenedBefore;
  private long happenedNanos;

  /// What a host is made of.
  ///
  /// @param ofNetwork what is left to chance on the way
  /// @param ofKernel what is left to chance in the kernel
  /// @param logged whether the last calls are remembered, for [#describe]
  /// @param onPurpose what callbacks may throw
  public record Setting(
      IoModel model,
      Chance ofNetwork,
      Chance ofKernel,
      Faults faults,
      Mutation mutation,
      boolean logged,
      Class<? extends Throwable> onPurpose) {}

  /// @param options the engine's, but for its model and its clock
  /// @param ofMutation what is left to chance in a bug that is put in
  @SuppressWarnings("MissingSummary") // The type says it.
  public SimulatedHost(Setting setting, EngineOptions options, Chance ofMutation)
      throws IOException {
    this.model = setting.model();
    this.log = new CallLog(setting.logged());
    this.onPurpose = setting.onPurpose();
    this.network = new Network(agenda, setting.ofNetwork());
    this.kernel = new SimulatedKernel(agenda, network, setting.ofKernel(), setting.faults(), log);
    Mutation mutation = setting.mutation();
    Kernel calls =
        mutation == Mutation.NONE
            ? kernel
            : new MutantKernel(kernel, mutation, ofMutation.another());
    EngineOptions own =
        options
            .withModel(model)
            .withLoops(LOOPS)
            .withNanoClock(
                mutation == Mutation.RINGS_TOO_EARLY ? () -> agenda.now() * 2 : agenda::now);
    this.mutants =
        new Mutants(
            mutation,
            ofMutation.another(),
            what -> agenda.after(DELAY_NANOS, () -> elsewhere(what)));
    kernel.parkWaits();
    this.engine =
        TurnedEngine.open(own, calls, kernel, mutation, ofMutation.another(), this::engineFailed);
    log.who = engine::turning;
    this.chance = ofMutation.another();
    kernel.interleave(chance.percent(50) ? 0 : chance.below(1_000), engine::turnAnother);
  }

  /// The engine says that a callback or task threw: on purpose, or it has found a bug.
  private void engineFailed(@Nullable Throwable cause) {
    if (!onPurpose.isInstance(cause) && failure == null) {
      failure =
          cause instanceof SimulationFailure known
              ? known
              : new SimulationFailure("something threw: " + cause, new RuntimeException(cause));
    }
  }

  // What is in it

  public Agenda agenda() {
    return agenda;
  }

  Network network() {
    return network;
  }

  long bytesReceived() {
    return kernel.bytesReceived();
  }

  /// How many turns it has taken so far.
  public int turnsSoFar() {
    return turns;
  }

  /// Listens on a port of the host.
  public void listen(int port, java.util.function.Supplier<? extends Protocol> protocols)
      throws IOException {
    engine.listen(new InetSocketAddress(LOOPBACK, port), () -> mutants.between(protocols.get()));
  }

  /// Has the engine connect, as another thread does.
  void connectFromElsewhere(ConnectOptions to, Protocol protocol) {
    engine.connectFromElsewhere(to, mutants.between(protocol));
  }

  /// Whether a loop has ended.
  boolean hasEnded(Owner owner) {
    return engine.hasEnded(owner instanceof MutantOwner mutant ? mutant.owner : owner);
  }

  /// A far end that is about to connect to a port of the host.
  ///
  /// @param localPort its own port, by which the host knows it
  public Peer connect(int localPort, int port) {
    TcpEnd tcp = new TcpEnd(network, network.bufferBytes(), network.bufferBytes());
    tcp.localPort = localPort;
    network.connect(tcp, port);
    return new Peer(tcp);
  }

  /// Hands a task over to some loop as another thread does.
  void executeFromElsewhere(Runnable task) {
    taskOffered(engine.executeFromElsewhere(counted(task)));
  }

  /// Hands a task over to this owner as another thread does.
  void executeFromElsewhere(Owner owner, Runnable task) {
    elsewhere(() -> taskOffered(owner.enter(counted(task))));
  }

  /// Has the engine stop listening, as another thread does.
  void stopListeningFromElsewhere() {
    taskOffered(engine.stopListeningFromElsewhere(this::taskRan));
  }

  private Runnable counted(Runnable task) {
    return () -> {
      taskRan();
      task.run();
    };
  }

  /// A task was offered to the engine, which took it or did not.
  void taskOffered(boolean accepted) {
    if (!accepted && !ending) {
      throw failed("a task was not accepted");
    }
    tasksAccepted += accepted ? 1 : 0;
  }

  void taskRan() {
    tasksRan++;
  }

  /// Does what a thread does that is no loop's.
  public void elsewhere(Runnable what) {
    engine.elsewhere(what);
  }

  /// Which thread this would be: the number of a loop, -1 for another one.
  public int thread() {
    return engine.turning();
  }

  void note(String what) {
    log.note(agenda.now(), what);
  }

  /// The first failure, which is this one if there was none yet.
  public SimulationFailure failed(String what) {
    SimulationFailure first = failure;
    if (first == null) {
      first = new SimulationFailure(what);
      failure = first;
    }
    return first;
  }

  /// Whether it has been asked to end.
  public boolean isEnding() {
    return ending;
  }

  // The course of it

  /// Turns until nothing is under way any more, or until `stop`; true if it came to rest.
  ///
  /// @throws SimulationFailure if it sleeps with a task to do, or does not come to rest
  public boolean turnUntilRest(BooleanSupplier stop) {
    boolean rests = false;
    while (!rests && !stop.getAsBoolean()) {
      boolean turned = turn();
      turns += turned ? 1 : 0;
      if (turns > (model == IoModel.NONBLOCKING ? TURNS_WITHOUT_WAITING : TURNS)) {
        throw failed("it did not come to rest in " + turns + " turns");
      }
      rests = model == IoModel.NONBLOCKING ? restsAfterTurn() : !turned && !passTime();
    }
    if (rests && tasksRan != tasksAccepted) {
      throw failed("the loops sleep with " + (tasksAccepted - tasksRan) + " tasks in an inbox");
    }
    return rests;
  }

  private boolean turn() {
    boolean turned = engine.turn();
    rethrow();
    return turned;
  }

  /// All loops wait: time passes until something happens. False if nothing ever will.
  private boolean passTime() {
    long next = Math.min(agenda.next(), engine.waitUntilNanos());
    if (next == Long.MAX_VALUE) {
      return false;
    }
    // Who is woken is not on a CPU at once: what comes meanwhile is told with the rest.
    long late = chance.percent(20) ? chance.micros(LATEST_MICROS) : 0;
    agenda.pass(Math.max(0, next - agenda.now()) + late);
    return true;
  }

  private void rethrow() {
    if (failure != null) {
      throw failure;
    }
  }

  /// A loop that never waits: time passes in its place.
  private boolean restsAfterTurn() {
    long now = kernel.progress() + kernel.faultsSoFar() + agenda.happened() + tasksRan;
    idleTurns = now == progressBefore ? idleTurns + 1 : 0;
    progressBefore = now;
    if (idleTurns < 2) {
      return false;
    }
    long timer = engine.nanosToNextTimer();
    long next = Math.min(agenda.next(), timer < 0 ? Long.MAX_VALUE : agenda.now() + timer + 1);
    if (agenda.happened() != happenedBefore) {
      happenedBefore = agenda.happened();
      happenedNanos = agenda.now();
    }
    // Out of descriptors it tries to accept for ever, now and then, because it tries everything.
    boolean quiet = agenda.now() - happenedNanos > LONGEST_TIMER_NANOS;
    if (next == Long.MAX_VALUE || (quiet && agenda.next() == Long.MAX_VALUE)) {
      // Once more: the last timer may have been over in this very turn.
      return ++restfulTurns > 2;
    }
    restfulTurns = 0;
    agenda.pass(Math.max(0, next - agenda.now()));
    progressBefore--;
    return false;
  }

  /// Ends the engine, and checks that nothing of it is left.
  public void end() {
    ending = true;
    engine.end();
    rethrow();
    if (kernel.descriptors().open() != 0) {
      throw failed("descriptors are left open: " + kernel.descriptors());
    }
    if (engine.lentBytes() != 0) {
      throw failed(engine.lentBytes() + " bytes of buffers were not given back");
    }
    if (SharedOutput.heldBytes() != heldBefore) {
      throw failed("shared output is still held");
    }
    if (engine.statistics().connections() != 0) {
      throw failed("the loop still counts " + engine.statistics().connections() + " connections");
    }
    // A kernel that tells one loop of what is not so, while the other one works, is its own fault.
    if (engine.statistics().vainWakeups() > kernel.faultsSoFar()) {
      throw failed("the loops were woken in vain " + engine.statistics().vainWakeups() + " times");
    }
    if (tasksRan != tasksAccepted) {
      throw failed(tasksAccepted - tasksRan + " tasks were accepted and not run");
    }
  }

  /// The descriptors that are open, and the last calls.
  public String describe() {
    return "\n  open: " + kernel.descriptors() + log;
  }
}
