package dev.pollux.net.simulation;

import org.jspecify.annotations.Nullable;

/// One connection of a schedule: what both of its sides are going to do, and what became of it.
final class EchoCase {
  /// How the far end ends it.
  enum Ending {
    /// FIN behind the last byte; closes when the server has.
    HALF_CLOSES,
    /// Closes when it has got back everything.
    CLOSES_WHEN_ECHOED,
    /// Closes when it has sent everything, whether it has read the echo or not.
    CLOSES_AT_ONCE,
    RESETS,
    VANISHES
  }

  /// Who connects, and what comes of that.
  enum Beginning {
    ACCEPTED,
    CONNECTS,
    CONNECTS_AT_ONCE,
    REFUSED,
    NO_ANSWER,
    UNREACHABLE
  }

  /// What the server's side does at some byte.
  enum Trick {
    NONE,
    ABORTS,
    CLOSES,
    THROWS
  }

  final int id;
  final Beginning beginning;
  final Ending ending;
  final Trick trick;
  final int trickAt;

  // The far end.
  final int total;
  final int pieceBytes;
  final int pieceMicros;
  final int readBytes;
  final int readMicros;
  final long readsAfterNanos;
  final long endsAfterNanos;
  final long beginsAfterNanos;

  // The server.
  final int greeting;
  final boolean greetingShared;
  final int watermark;
  final int pausePercent;
  final long pauseNanos;
  final boolean byTask;

  /// Callbacks out of 100 that send to another connection.
  final int acrossPercent;

  @Nullable FarEnd farEnd;
  @Nullable CheckedEcho echo;

  EchoCase(int id, Chance chance, boolean quiet) {
    this.id = id;
    this.beginning =
        quiet || chance.percent(80) ? Beginning.ACCEPTED : pick(Beginning.values(), chance);
    this.ending =
        chance.percent(70)
            ? chance.percent(60) ? Ending.HALF_CLOSES : Ending.CLOSES_WHEN_ECHOED
            : pick(Ending.values(), chance);
    this.trick = chance.percent(quiet ? 0 : 15) ? pick(Trick.values(), chance) : Trick.NONE;
    this.total = chance.percent(10) ? chance.below(3) : chance.below(1 << chance.between(2, 13));
    this.trickAt = chance.below(1 + total);
    this.pieceBytes = 1 + chance.below(1 << chance.between(1, 12));
    this.pieceMicros = 1 + chance.below(1 << chance.between(1, 12));
    this.readBytes = 1 + chance.below(1 << chance.between(3, 13));
    this.readMicros = 1 + chance.below(1 << chance.between(1, 11));
    this.readsAfterNanos = chance.percent(20) ? chance.below(200) * 1_000_000L : 0;
    this.endsAfterNanos = 1_000L * chance.below(1 << chance.between(4, 18));
    this.beginsAfterNanos = chance.percent(50) ? 0 : chance.micros(20_000);
    this.greeting = chance.percent(20) ? 1 + chance.below(3_000) : 0;
    this.greetingShared = chance.percent(50);
    this.watermark = 1 + chance.below(1 << chance.between(4, 13));
    this.pausePercent = chance.percent(30) ? chance.between(1, 20) : 0;
    this.pauseNanos = chance.micros(100_000);
    this.byTask = chance.percent(20);
    this.acrossPercent = chance.percent(40) ? chance.between(1, 60) : 0;
  }

  private static <T> T pick(T[] values, Chance chance) {
    return values[chance.below(values.length)];
  }

  int port() {
    return EchoSchedule.FIRST_PORT + id;
  }

  /// Whether the far end takes all that is sent to it and ends in good order.
  boolean isPolite() {
    return ending == Ending.HALF_CLOSES || ending == Ending.CLOSES_WHEN_ECHOED;
  }

  /// Whether there is going to be a connection if nothing fails.
  boolean isReachable() {
    return beginning == Beginning.ACCEPTED
        || beginning == Beginning.CONNECTS
        || beginning == Beginning.CONNECTS_AT_ONCE;
  }

  @Override
  public String toString() {
    return "case "
        + id
        + ": "
        + beginning
        + " "
        + ending
        + (trick == Trick.NONE ? "" : " " + trick + " at " + trickAt)
        + " total="
        + total
        + " greeting="
        + greeting
        + " watermark="
        + watermark
        + (byTask ? " byTask" : "")
        + (acrossPercent > 0 ? " across" : "")
        + (pausePercent > 0 ? " pauses" : "")
        + "\n      far end: "
        + farEnd
        + "\n      server: "
        + echo;
  }
}
