package dev.pollux.net.internal;

import dev.pollux.net.internal.readiness.Poller;
import java.util.Arrays;

/// A poller on a simulated kernel whose waits can be left: who would wait is thrown out of its turn
/// ([Parked]), and stands where a thread stands that waits, having said so. Its next turn goes on
/// from there, with what the kernel has told meanwhile.
final class ParkingPoller implements Poller {
  /// The loop would wait now.
  static final class Parked extends RuntimeException {
    private static final long serialVersionUID = 1;

    private Parked() {
      super("it waits", null, false, false);
    }
  }

  private final Poller poller;
  private final TurnedEngine.LastWait wait;
  private boolean parked;
  private long untilNanos;

  // What is told to the loop when it goes on.
  private int result;
  private int count;
  private long[] keys = new long[8];
  private int[] readiness = new int[8];

  ParkingPoller(Poller poller, TurnedEngine.LastWait wait) {
    this.poller = poller;
    this.wait = wait;
  }

  @Override
  public int await(long timeoutNanos, ReadySink sink) {
    if (parked) {
      parked = false;
      for (int i = 0; i < count; i++) {
        sink.onReady(keys[i], readiness[i]);
      }
      return result;
    }
    int found = poller.await(timeoutNanos, sink);
    if (found == 0 && poller.waits() && wait.untilNanos() >= 0) {
      parked = true;
      untilNanos = wait.untilNanos();
      throw new Parked();
    }
    return found;
  }

  boolean isParked() {
    return parked;
  }

  /// When its wait is over, if nothing happens; [Long#MAX_VALUE] for never.
  long untilNanos() {
    return untilNanos;
  }

  /// Whether a wait that was left comes back now. If so, the loop has to go on at once.
  boolean comesBack() {
    count = 0;
    wait.onlyLook(true);
    try {
      result = poller.await(0, this::keep);
    } finally {
      wait.onlyLook(false);
    }
    return result != 0 || wait.nowNanos() >= untilNanos;
  }

  private void keep(long key, int what) {
    if (count == keys.length) {
      keys = Arrays.copyOf(keys, 2 * count);
      readiness = Arrays.copyOf(readiness, 2 * count);
    }
    keys[count] = key;
    readiness[count++] = what;
  }

  @Override
  public int add(long key, int interest) {
    return poller.add(key, interest);
  }

  @Override
  public int modify(long key, int interest) {
    return poller.modify(key, interest);
  }

  @Override
  public void remove(long key) {
    poller.remove(key);
  }

  @Override
  public int highestDescriptor() {
    return poller.highestDescriptor();
  }

  @Override
  public boolean edgeTriggered() {
    return poller.edgeTriggered();
  }

  @Override
  public boolean toldAll(int ready) {
    return poller.toldAll(ready);
  }

  @Override
  public boolean waits() {
    return poller.waits();
  }

  @Override
  public void close() {
    poller.close();
  }
}
