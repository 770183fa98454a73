package dev.pollux.net.internal;

import dev.pollux.net.internal.readiness.Interest;
import dev.pollux.net.internal.readiness.Poller;
import dev.pollux.net.simulation.Chance;

/// A poller with a bug that was put in on purpose.
public final class MutantPoller implements Poller {
  private final Poller poller;
  private final Mutation mutation;
  private final Chance chance;
  private long someKey = -1;

  public MutantPoller(Poller poller, Mutation mutation, Chance chance) {
    this.poller = poller;
    this.mutation = mutation;
    this.chance = chance;
  }

  @Override
  public int add(long key, int interest) {
    if ((interest & Interest.LEVEL) == 0) {
      someKey = key;
    }
    return poller.add(key, interest);
  }

  @Override
  public int modify(long key, int interest) {
    return mutation == Mutation.DOES_NOT_RE_ARM ? 0 : poller.modify(key, interest);
  }

  @Override
  public void remove(long key) {
    if (key == someKey) {
      someKey = -1;
    }
    poller.remove(key);
  }

  @Override
  public int await(long timeoutNanos, ReadySink sink) {
    return poller.await(
        mutation == Mutation.SPINS ? 0 : timeoutNanos,
        (key, readiness) -> {
          if (mutation == Mutation.LOSES_AN_EDGE && chance.percent(5)) {
            return;
          }
          sink.onReady(key, readiness);
          if (mutation == Mutation.DELIVERS_A_STALE_EVENT && someKey >= 0 && chance.percent(20)) {
            sink.onReady(someKey, Interest.READ | Interest.WRITE | Interest.HANGUP);
          }
        });
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
