package dev.pollux.net.internal.thread;

import dev.pollux.net.MemoryBudget;
import dev.pollux.sys.Kernel;
import dev.pollux.sys.SyscallLedger;
import java.lang.foreign.Arena;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The desks of a thread engine. A thread has one while it calls the kernel or handles what it has
/// received, and none while it is parked: there are as many as threads are busy, not as there are
/// connections. Any thread.
public final class Desks {
  private static final int MOST_FREE = Math.max(16, 4 * Runtime.getRuntime().availableProcessors());

  private final Function<Arena, Kernel> kernels;
  private final int receiveBufferBytes;
  private final MemoryBudget memory;

  /// The first ones are taken and refilled first, so that a few buffers stay in the cache.
  private final AtomicReferenceArray<Desk> free = new AtomicReferenceArray<>(MOST_FREE);

  private final Set<Desk> all = ConcurrentHashMap.newKeySet();
  private SyscallLedger.Snapshot ofDropped = SyscallLedger.Snapshot.ZERO;

  /// @param memory what receive buffers are charged to
  public Desks(Function<Arena, Kernel> kernels, int receiveBufferBytes, MemoryBudget memory) {
    this.kernels = kernels;
    this.receiveBufferBytes = receiveBufferBytes;
    this.memory = memory;
  }

  public Desk take() {
    for (int i = 0; i < MOST_FREE; i++) {
      Desk desk = free.get(i);
      if (desk != null && free.compareAndSet(i, desk, null)) {
        return desk;
      }
    }
    Desk desk = new Desk(kernels, receiveBufferBytes, memory);
    all.add(desk);
    return desk;
  }

  public void giveBack(Desk desk) {
    for (int i = 0; i < MOST_FREE && desk.isKept(); i++) {
      if (free.get(i) == null && free.compareAndSet(i, null, desk)) {
        return;
      }
    }
    desk.leaveForGood();
    synchronized (this) {
      ofDropped = ofDropped.plus(desk.ledger().snapshot());
      all.remove(desk);
    }
  }

  /// What has been called at all desks.
  public synchronized SyscallLedger.Snapshot systemCalls() {
    SyscallLedger.Snapshot sum = ofDropped;
    for (Desk desk : all) {
      sum = sum.plus(desk.ledger().snapshot());
    }
    return sum;
  }

  /// Desks that exist, taken or free.
  public int count() {
    return all.size();
  }

  /// A place for the calling thread, which sits down when it needs a desk.
  public Seat seat() {
    return new Seat();
  }

  /// One thread's.
  public final class Seat implements AutoCloseable {
    private @Nullable Desk desk;

    /// The desk that the thread has, or takes now.
    public Desk desk() {
      Desk mine = desk;
      if (mine == null) {
        mine = take();
        desk = mine;
      }
      return mine;
    }

    /// Gives the desk back, with what its buffer holds.
    public void leave() {
      Desk mine = desk;
      if (mine != null) {
        desk = null;
        giveBack(mine);
      }
    }

    @Override
    public void close() {
      leave();
    }
  }
}
