package dev.pollux.net.simulation;

import dev.pollux.net.CloseReason;
import dev.pollux.net.ConnectOptions;
import dev.pollux.net.Connection;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.IoModel;
import dev.pollux.net.Owner;
import dev.pollux.net.Refusal;
import dev.pollux.net.internal.Mutation;
import dev.pollux.sys.Errno;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// One life of an engine on a [SimulatedKernel]: a few far ends, an echo, faults and interruptions
/// by other threads, all from one seed; turned until nothing happens any more, or until it is ended
/// in the middle. What must hold is checked on the way and at the end; what does not is a
/// [SimulationFailure] that names model and seed.
public final class EchoSchedule {
  static final int FIRST_PORT = 20_000;
  private static final int SERVER_PORT = 9_000;
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final Chance chance;
  private final Faults faults;
  private final List<EchoCase> cases = new ArrayList<>();
  private final SimulatedHost host;
  private final CrossSends acrosses;
  private final boolean mayFailToConnect;
  private boolean endNow;

  /// What a schedule came to.
  ///
  /// @param turns turns of the loop
  /// @param bytes bytes that the server received
  /// @param virtualNanos the time that passed in it
  /// @param across entries that connections have put into the inboxes of others
  /// @param ends how its connections ended: names of [CloseReason] and [Refusal], or
  ///   `NOT_CONNECTED`
  public record Outcome(int turns, long bytes, long virtualNanos, int across, Set<String> ends) {}

  /// Runs the schedule of a seed on a model.
  public static Outcome run(IoModel model, long seed) {
    return run(model, seed, Mutation.NONE);
  }

  /// Runs it on an engine with a bug.
  ///
  /// @throws SimulationFailure with what happened before
  public static Outcome run(IoModel model, long seed, Mutation mutation) {
    try {
      return new EchoSchedule(model, seed, mutation, false).run();
    } catch (IOException | RuntimeException | AssertionError e) {
      // Once more, the same, with a log.
      throw explained(model, seed, mutation, e);
    }
  }

  private static SimulationFailure explained(
      IoModel model, long seed, Mutation mutation, Throwable first) {
    String where =
        "model " + model + ", seed " + seed + (mutation == Mutation.NONE ? "" : ", " + mutation);
    String replay = "\nreplay: -Dpollux.simulation.seed=" + seed;
    EchoSchedule again = null;
    try {
      again = new EchoSchedule(model, seed, mutation, true);
      again.run();
      return new SimulationFailure(where + ": " + first + ", but not when run again", first);
    } catch (IOException | RuntimeException | AssertionError e) {
      String what = again == null ? "" : again.describe();
      return new SimulationFailure(where + ": " + e.getMessage() + replay + what, e);
    }
  }

  private EchoSchedule(IoModel model, long seed, Mutation mutation, boolean logged)
      throws IOException {
    this.chance = new Chance(seed);
    Chance ofNetwork = chance.another();
    int mood = chance.below(100);
    boolean quiet = mood < 30;
    this.faults = quiet ? Faults.NONE : mood < 60 ? Faults.harmless(chance) : Faults.any(chance);
    Chance ofKernel = chance.another();
    int count = chance.between(1, 6);
    for (int i = 0; i < count; i++) {
      cases.add(new EchoCase(i, chance, quiet));
    }
    this.mayFailToConnect = faults.descriptors() < 100 || faults.noMemory() > 0;
    EngineOptions options =
        EngineOptions.of(model)
            .withReceiveBufferBytes(chance.between(512, 4_096))
            .withMailboxCapacity(4_096)
            .withLinger(Duration.ofMillis(chance.percent(50) ? 2_000 : 40))
            .withMaxConnections(chance.percent(quiet ? 0 : 10) ? chance.between(1, 3) : 1_000);
    this.host =
        new SimulatedHost(
            new SimulatedHost.Setting(
                model, ofNetwork, ofKernel, faults, mutation, logged, CheckedEcho.Thrown.class),
            options,
            chance);
    this.acrosses = new CrossSends(this, host, cases, chance.another());
  }

  // The course of it

  private Outcome run() throws IOException {
    host.listen(SERVER_PORT, () -> new CheckedEcho(this, null, chance.another()));
    for (EchoCase each : cases) {
      agenda().after(each.beginsAfterNanos, () -> begin(each));
    }
    interfere();
    long begun = agenda().now();
    if (host.turnUntilRest(() -> endNow)) {
      checkAtRest();
    }
    host.end();
    cases.forEach(this::checkAtEnd);
    Set<String> ends = new TreeSet<>();
    cases.forEach(each -> ends.add(each.echo == null ? "NOT_CONNECTED" : each.echo.end()));
    return new Outcome(
        host.turnsSoFar(), host.bytesReceived(), agenda().now() - begun, acrosses.ran(), ends);
  }

  private void begin(EchoCase of) {
    host.note("begins: " + of.id + " " + of.beginning);
    FarEnd far = new FarEnd(this, of, chance.another());
    of.farEnd = far;
    switch (of.beginning) {
      case ACCEPTED -> far.connect(SERVER_PORT);
      case CONNECTS -> connect(of, from -> meet(far, from, true));
      case CONNECTS_AT_ONCE -> connect(of, from -> meet(far, from, false));
      case REFUSED ->
          connect(
              of,
              from -> {
                from.connecting();
                agenda().after(network().delay(), () -> from.refused(Errno.ECONNREFUSED));
                return -Errno.EINPROGRESS;
              });
      case NO_ANSWER ->
          connect(
              of,
              from -> {
                from.connecting();
                return -Errno.EINPROGRESS;
              });
      case UNREACHABLE -> connect(of, from -> -Errno.ENETUNREACH);
    }
  }

  private void connect(EchoCase of, Network.Remote remote) {
    network().put(of.port(), remote);
    CheckedEcho echo = new CheckedEcho(this, of, chance.another());
    ConnectOptions to =
        ConnectOptions.to(new InetSocketAddress(LOOPBACK, of.port()))
            .withTimeout(Duration.ofMillis(chance.between(1_000, 5_000)));
    // From another thread, as far as the loop can see.
    host.connectFromElsewhere(to, echo);
  }

  private int meet(FarEnd far, TcpEnd from, boolean later) {
    Network.join(far.tcp, from);
    far.begin();
    if (!later) {
      from.established();
      far.tcp.established();
      return from.connectAgain();
    }
    from.connecting();
    agenda()
        .after(
            network().delay(),
            () -> {
              if (far.isOver()) {
                from.refused(Errno.ECONNRESET);
              } else {
                from.established();
                far.tcp.established();
              }
            });
    return -Errno.EINPROGRESS;
  }

  /// Other threads, at times of their own: they hand over tasks, stop the listening, end it all.
  private void interfere() {
    int times = chance.percent(40) ? chance.between(1, 6) : 0;
    for (int i = 0; i < times; i++) {
      EchoCase of = cases.get(chance.below(cases.size()));
      int what = chance.below(10);
      agenda().after(chance.micros(200_000), () -> fromElsewhere(of, what));
    }
    if (chance.percent(10)) {
      agenda().after(chance.micros(100_000), () -> fromElsewhere(cases.getFirst(), -1));
    }
    if (chance.percent(20)) {
      agenda().after(chance.micros(300_000), this::wantEnd);
    }
  }

  private void wantEnd() {
    host.note("the engine is asked to end");
    fromElsewhere(cases.getFirst(), 9);
    endNow = true;
  }

  private void fromElsewhere(EchoCase of, int what) {
    host.note("a task from elsewhere: " + what + " for " + of.id);
    if (what < 0) {
      host.stopListeningFromElsewhere();
      return;
    }
    CheckedEcho echo = of.echo;
    Connection connection = echo == null ? null : echo.connection();
    if (echo == null || connection == null) {
      host.executeFromElsewhere(() -> {});
    } else if (what < 6) {
      host.executeFromElsewhere(connection.owner(), () -> echo.holdAWhile(chance.micros(50_000)));
    } else if (what == 6) {
      host.executeFromElsewhere(connection.owner(), echo::abort);
    } else {
      host.elsewhere(() -> acrosses.send(3));
    }
  }

  /// Has reading go on again, as another thread asks for it.
  void releaseAfter(long nanos, CheckedEcho echo) {
    Owner owner = Objects.requireNonNull(echo.connection()).owner();
    agenda().after(nanos, () -> host.executeFromElsewhere(owner, echo::releaseForAnother));
  }

  // What the parts ask and tell

  SimulationFailure failed(String what) {
    return host.failed(what);
  }

  Agenda agenda() {
    return host.agenda();
  }

  Network network() {
    return host.network();
  }

  EchoCase caseOf(@Nullable InetSocketAddress peer) {
    int id = peer == null ? -1 : peer.getPort() - FIRST_PORT;
    if (id < 0 || id >= cases.size()) {
      throw failed("a connection from nobody: " + peer);
    }
    return cases.get(id);
  }

  CrossSends acrosses() {
    return acrosses;
  }

  void taskOffered(boolean accepted) {
    host.taskOffered(accepted);
  }

  void taskRan() {
    host.taskRan();
  }

  boolean isEnding() {
    return host.isEnding();
  }

  boolean mayFailToConnect() {
    return mayFailToConnect || host.isEnding();
  }

  // What must hold

  /// Nothing is under way and the loop sleeps: then everybody has got what is due to him.
  private void checkAtRest() {
    for (EchoCase each : cases) {
      CheckedEcho echo = each.echo;
      FarEnd far = Objects.requireNonNull(each.farEnd);
      boolean met = each.isReachable();
      if (echo != null && echo.awaitsTimer()) {
        throw failed("the loop sleeps and a timer is not over: " + each);
      }
      if (met && far.tcp.peer != null && !far.isOver()) {
        throw failed("the loop sleeps and a far end waits: " + each);
      }
      if (echo != null && echo.isOpen() && each.ending != EchoCase.Ending.VANISHES) {
        throw failed("the loop sleeps and a connection is left open: " + each);
      }
    }
  }

  private void checkAtEnd(EchoCase of) {
    CheckedEcho echo = of.echo;
    FarEnd far = of.farEnd;
    if (echo == null || far == null) {
      return;
    }
    if (echo.isOpen()) {
      throw failed("onClosed is missing: " + of);
    }
    TcpEnd near = far.tcp.peer;
    boolean undisturbed =
        !endNow && !echo.wasTamperedWith() && near != null && !near.broken && !far.tcp.broken;
    boolean patient = of.trick != EchoCase.Trick.CLOSES && of.isPolite();
    if (undisturbed && patient && echo.reason == CloseReason.CLOSED) {
      int all = of.greeting + of.total;
      if (echo.committed() != all || !far.gotAll(all)) {
        throw failed("not everything was echoed: " + of);
      }
    }
  }

  private String describe() {
    StringBuilder text = new StringBuilder("\n  ").append(faults);
    cases.forEach(each -> text.append("\n  ").append(each));
    return text.append(host.describe()).toString();
  }
}
