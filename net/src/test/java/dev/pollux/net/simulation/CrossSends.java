package dev.pollux.net.simulation;

import dev.pollux.net.Connection;
import dev.pollux.net.Owner;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What the callbacks of a schedule's connections put into the inboxes of others, of the same loop
/// and of another one: each entry is run once, by the owner of the connection that it is for, in
/// the order in which its thread has put them there, and never before the call of its own thread
/// has returned.
final class CrossSends {
  private enum Way {
    ENTERS,
    EXECUTES,
    /// Into the owner's inbox, for nobody.
    ADDS_TO_THE_OWNER
  }

  private record Path(int fromThread, EchoCase to) {}

  /// What goes one path.
  private static final class Entries {
    int sent;
    int ran;
  }

  private final EchoSchedule schedule;
  private final SimulatedHost host;
  private final List<EchoCase> cases;
  private final Chance chance;
  private final Map<Path, Entries> paths = new HashMap<>();
  private int ran;

  CrossSends(EchoSchedule schedule, SimulatedHost host, List<EchoCase> cases, Chance chance) {
    this.schedule = schedule;
    this.host = host;
    this.cases = cases;
    this.chance = chance;
  }

  /// Sends to some connection, whether it still stands or not.
  ///
  /// @param hops how often the receiver may send on
  void send(int hops) {
    EchoCase to = cases.get(chance.below(cases.size()));
    CheckedEcho echo = to.echo;
    Connection connection = echo == null ? null : echo.connection();
    if (echo != null && connection != null) {
      send(to, echo, connection, hops);
    }
  }

  private void send(EchoCase to, CheckedEcho echo, Connection connection, int hops) {
    Way way = Way.values()[chance.below(Way.values().length)];
    Owner owner = connection.owner();
    Entries entries = paths.computeIfAbsent(new Path(host.thread(), to), path -> new Entries());
    int number = entries.sent++;
    boolean own = owner.isCurrent();
    boolean[] returned = new boolean[1];
    Runnable entry =
        () -> {
          host.taskRan();
          ran++;
          check(to, connection, way, number, entries);
          if (own && !returned[0]) {
            throw schedule.failed("an entry is run before it has been put there: " + to);
          }
          answer(echo, hops);
        };
    boolean accepted =
        switch (way) {
          case ENTERS -> connection.enter(entry);
          case EXECUTES -> connection.execute(entry);
          case ADDS_TO_THE_OWNER -> addAndWake(owner, entry);
        };
    returned[0] = true;
    if (accepted && host.hasEnded(owner)) {
      throw schedule.failed("an owner that has ended accepts an entry: " + to);
    }
    host.taskOffered(accepted);
  }

  private static boolean addAndWake(Owner owner, Runnable entry) {
    boolean added = owner.add(entry);
    owner.wake();
    return added;
  }

  private void check(EchoCase to, Connection connection, Way way, int number, Entries entries) {
    if (!connection.isOwner() || !connection.owner().isCurrent()) {
      throw schedule.failed("an entry is run by another than the owner: " + to);
    }
    if (connection.isInTurn() != (way != Way.ADDS_TO_THE_OWNER)) {
      throw schedule.failed(way + " and isInTurn is " + connection.isInTurn() + ": " + to);
    }
    if (host.hasEnded(connection.owner())) {
      throw schedule.failed("an entry is run after its owner has ended: " + to);
    }
    if (number != entries.ran++) {
      throw schedule.failed(
          "entry " + number + " is run as number " + (entries.ran - 1) + " of its path: " + to);
    }
  }

  private void answer(CheckedEcho echo, int hops) {
    if (hops > 0 && chance.percent(60)) {
      send(hops - 1);
    }
    if (chance.percent(10)) {
      echo.holdAWhile(chance.micros(20_000));
    }
  }

  /// How many entries were run.
  int ran() {
    return ran;
  }
}
