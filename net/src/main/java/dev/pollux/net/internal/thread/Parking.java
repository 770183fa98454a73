package dev.pollux.net.internal.thread;

import dev.pollux.net.internal.readiness.Interest;
import dev.pollux.sys.Socket;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Where the threads of one connection are parked until an [Unparker] sees its descriptor ready: a
/// place for who receives and one for who sends.
///
/// ```
///   null --await--> the thread --signal--> READY --await returns--> null
///     +------------------signal------------^
/// ```
///
/// The descriptor is watched edge-triggered for both directions from its first to its last day. An
/// edge that comes between `EAGAIN` and the parking has left `READY`, so none is lost; one that
/// tells of what was received already costs a call that says `EAGAIN`. The same holds of a receive
/// that got less than it asked for: what comes behind it is an edge.
public final class Parking implements Waiting {
  private static final Object READY = new Object();
  private static final VarHandle READER;
  private static final VarHandle WRITER;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      READER = lookup.findVarHandle(Parking.class, "reader", Object.class);
      WRITER = lookup.findVarHandle(Parking.class, "writer", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// The descriptor and its generation.
  private final long key;

  @SuppressWarnings("UnusedVariable") // Read and written through READER.
  private volatile @Nullable Object reader;

  @SuppressWarnings("UnusedVariable") // Read and written through WRITER.
  private volatile @Nullable Object writer;

  /// Something else than data and room was reported: its end, an error, urgent data. From then on
  /// what is received tells nothing of what is left.
  private volatile boolean odd;

  public Parking(long key) {
    this.key = key;
  }

  public long key() {
    return key;
  }

  @Override
  public int sendFlags() {
    return Socket.MSG_DONTWAIT;
  }

  @Override
  public boolean wouldWait(int received, long room) {
    // epoll(7), under EPOLLET: a stream that gave less than was asked for has no more.
    return received < room && !odd;
  }

  @Override
  public void awaitReadable() {
    // Not one method with awaitWritable: a frame less is on the heap while the thread is parked.
    Thread me = Thread.currentThread();
    if (READER.compareAndSet(this, null, me)) {
      while (reader == me) {
        LockSupport.park(this);
        forgetInterrupt();
      }
    }
    reader = null;
  }

  @Override
  public void awaitWritable() {
    Thread me = Thread.currentThread();
    if (WRITER.compareAndSet(this, null, me)) {
      while (writer == me) {
        LockSupport.park(this);
        forgetInterrupt();
      }
    }
    writer = null;
  }

  /// Only the engine's end interrupts a worker, after it has woken it: the flag, left set, would
  /// make the next park return at once.
  private static void forgetInterrupt() {
    Thread.interrupted();
  }

  /// A virtual thread has its carrier until it waits.
  @Override
  @SuppressWarnings("ThreadPriorityCheck") // A place at the end of the carrier's queue.
  public void letOthersRun() {
    Thread.yield();
  }

  @Override
  public void wake() {
    signal(READER);
    signal(WRITER);
  }

  /// The unparker: something was reported after which a short receive may have other causes than
  /// that there is no more. Before [#onReady].
  public void onOddReport() {
    odd = true;
  }

  /// The unparker: bits of [Interest]. Whether a thread was unparked by it.
  public boolean onReady(int readiness) {
    boolean unparked = (readiness & Interest.READ) != 0 && signal(READER);
    // Told with every edge while there is room; then READY just stays.
    return ((readiness & Interest.WRITE) != 0 && signal(WRITER)) || unparked;
  }

  private boolean signal(VarHandle place) {
    if (place.getVolatile(this) != READY && place.getAndSet(this, READY) instanceof Thread thread) {
      LockSupport.unpark(thread);
      return true;
    }
    return false;
  }
}
