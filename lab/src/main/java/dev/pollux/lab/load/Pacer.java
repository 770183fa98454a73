package dev.pollux.lab.load;

import java.util.List;
import java.util.concurrent.TimeUnit;

/// Tells the paced connections of one loop when their messages are due: message `m` of place `p` is
/// due at `start + (m * places + p) / rate`, whatever became of those before it (an open loop).
///
/// It is a task of the loop itself that submits itself again: while messages are due in short
/// intervals the loop does not sleep, so that no wake-up is late, and no other thread takes part.
final class Pacer implements Runnable {
  private static final long SLEEP_FROM_NANOS = TimeUnit.MILLISECONDS.toNanos(3);
  private static final long AWAKE_BEFORE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final LoadRun run;
  private final int stretch;
  private final SendingConnection[] connections;
  private int next;
  private long round;

  /// @param stretch the number of the one that it is for
  /// @param connections those of one loop, by place
  Pacer(LoadRun run, int stretch, List<SendingConnection> connections) {
    this.run = run;
    this.stretch = stretch;
    this.connections = connections.toArray(SendingConnection[]::new);
  }

  @Override
  public void run() {
    long now = System.nanoTime();
    long ahead = ahead(now);
    while (ahead <= 0 && run.isSending(stretch)) {
      connections[next].due();
      if (++next == connections.length) {
        next = 0;
        round++;
      }
      ahead = ahead(now);
    }
    if (!run.isSending(stretch)) {
      return;
    }
    if (ahead > SLEEP_FROM_NANOS) {
      run.later(ahead - AWAKE_BEFORE_NANOS, this::submit);
    } else {
      submit();
    }
  }

  private long ahead(long now) {
    return run.intendedNanos(connections[next].place(), round) - now;
  }

  void submit() {
    connections[0].connection().enter(this);
  }
}
