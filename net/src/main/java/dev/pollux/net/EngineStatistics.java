package dev.pollux.net;

import dev.pollux.sys.SyscallLedger;

/// What an engine has done since it was opened, summed over its owners (loops, or connections'
/// threads).
///
/// @param connections connections that are open now
/// @param accepted connections accepted so far
/// @param refused connections refused so far ([Refusal])
/// @param wakeups returns from waiting for I/O (0 in `blocking`, where nothing waits but the calls
///   themselves)
/// @param staleEvents events for a descriptor that had been closed meanwhile: recognised, not
///   delivered
/// @param vainWakeups wake-ups of which nothing came, beyond those that may happen: a descriptor is
///   reported ready again and again, and the loop pauses; the log names it. 0 in a healthy engine,
///   and in `nonblocking`, whose nature it is
/// @param failures callbacks and tasks that threw
/// @param systemCalls the ledger of system calls
public record EngineStatistics(
    int connections,
    long accepted,
    long refused,
    long wakeups,
    long staleEvents,
    long vainWakeups,
    long failures,
    SyscallLedger.Snapshot systemCalls) {

  /// The start of a sum.
  public static final EngineStatistics NONE =
      new EngineStatistics(0, 0, 0, 0, 0, 0, 0, SyscallLedger.Snapshot.ZERO);

  /// The sum of two owners.
  public EngineStatistics plus(EngineStatistics other) {
    return new EngineStatistics(
        connections + other.connections,
        accepted + other.accepted,
        refused + other.refused,
        wakeups + other.wakeups,
        staleEvents + other.staleEvents,
        vainWakeups + other.vainWakeups,
        failures + other.failures,
        systemCalls.plus(other.systemCalls));
  }
}
