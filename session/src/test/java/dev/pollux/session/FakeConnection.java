package dev.pollux.session;

import dev.pollux.net.BufferPool;
import dev.pollux.net.CloseReason;
import dev.pollux.net.Connection;
import dev.pollux.net.MemoryBudgetExceededException;
import dev.pollux.net.Owner;
import dev.pollux.net.OwnerLocal;
import dev.pollux.net.Protocol;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// A connection in memory that does nothing by itself: the test says when output is flushed and how
/// much of it the "kernel" takes, when tasks run, when the timer fires. The test's thread is the
/// owner.
final class FakeConnection implements Connection, Owner {
  private final Thread owner = Thread.currentThread();
  private final Queue<Runnable> inbox;
  private final Map<OwnerLocal<?>, Object> locals;

  /// Whose callbacks are run by the same owner; this one itself if it has its own.
  private final FakeConnection first;

  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private final ArrayDeque<MemorySegment> lent = new ArrayDeque<>();
  private MemorySegment output = MemorySegment.ofArray(new byte[1 << 16]);
  private int pending;
  private volatile boolean open = true;
  private boolean ended;
  private boolean inTurn = true;
  @Nullable Protocol protocol;

  /// What the kernel takes before it refuses; the test sets it.
  int kernelRoom = Integer.MAX_VALUE;

  boolean readingSuspended;
  int resumes;
  long timerNanos = -1;
  boolean closed;
  boolean aborted;

  /// Whether the peer takes what it was sent, however slowly.
  boolean peerTakes;

  /// From now on there is no memory for output.
  boolean outOfMemory;

  /// Whether the budget has nothing left for output.
  boolean overBudget;

  /// One with an owner of its own.
  FakeConnection() {
    first = this;
    inbox = new ConcurrentLinkedQueue<>();
    locals = new HashMap<>();
  }

  /// One whose owner is that of another, as on a loop; the test's thread is in the callback of
  /// neither.
  FakeConnection(FakeConnection sameOwner) {
    first = sameOwner.first;
    inbox = first.inbox;
    locals = first.locals;
    first.inTurn = false;
    inTurn = false;
  }

  private Protocol protocol() {
    Protocol current = protocol;
    if (current == null) {
      throw new IllegalStateException("the test has set no protocol");
    }
    return current;
  }

  // What the test does

  void open(Protocol first) {
    protocol = first;
    first.onOpen(this);
  }

  /// The peer's bytes, as one receive.
  void receive(byte[] bytes) {
    if (readingSuspended) {
      throw new IllegalStateException("reading is suspended");
    }
    protocol().onBytes(this, MemorySegment.ofArray(bytes.clone()), 0, bytes.length);
  }

  /// The engine's flush: the kernel takes what it has room for.
  void flush() {
    int taken = Math.min(pending, kernelRoom);
    if (kernelRoom != Integer.MAX_VALUE) {
      kernelRoom -= taken;
    }
    sent.writeBytes(output.asSlice(0, taken).toArray(ValueLayout.JAVA_BYTE));
    MemorySegment.copy(output, taken, output, 0, pending - taken);
    pending -= taken;
    if (taken > 0 && !ended) {
      protocol().onDrained(this);
    }
  }

  /// Throws away what is pending, as if the kernel had taken it, and tells nobody.
  void forgetOutput() {
    pending = 0;
  }

  /// What the kernel was given since the last call.
  byte[] takeSent() {
    byte[] bytes = sent.toByteArray();
    sent.reset();
    return bytes;
  }

  int runTasks() {
    int count = 0;
    for (Runnable entry = inbox.poll(); entry != null; entry = inbox.poll()) {
      entry.run();
      count++;
    }
    return count;
  }

  int waitingTasks() {
    return inbox.size();
  }

  /// As if the test's thread were in a callback of this connection.
  void inTurn(Runnable action) {
    boolean before = inTurn;
    inTurn = true;
    try {
      action.run();
    } finally {
      inTurn = before;
    }
  }

  void fireTimer() {
    if (timerNanos < 0) {
      throw new IllegalStateException("no timer is set");
    }
    timerNanos = -1;
    protocol().onTimer(this);
  }

  void end(CloseReason reason) {
    open = false;
    ended = true;
    pending = 0;
    protocol().onClosed(this, reason);
  }

  int lentBuffers() {
    return lent.size();
  }

  // Connection

  @Override
  public @Nullable InetSocketAddress remoteAddress() {
    return null;
  }

  @Override
  public Owner owner() {
    return first;
  }

  @Override
  public boolean isCurrent() {
    return Thread.currentThread() == owner;
  }

  @Override
  public boolean isInTurn() {
    return isCurrent() && inTurn;
  }

  @Override
  public boolean add(Runnable entry) {
    return inbox.add(entry);
  }

  @Override
  public void wake() {}

  @Override
  public boolean enter(Runnable entry) {
    return inbox.add(entry);
  }

  @Override
  public Timer schedule(long delayNanos, Runnable task) {
    throw new UnsupportedOperationException("a session has the connection's timer only");
  }

  @Override
  @SuppressWarnings("unchecked") // It was made by its key.
  public <T> T local(OwnerLocal<T> key) {
    requireOwner();
    return (T) locals.computeIfAbsent(key, made -> made.make(this));
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public MemorySegment reserve(int length) {
    requireOwner();
    if (outOfMemory) {
      throw new InternalError("thrown on purpose by a test");
    }
    if (overBudget) {
      throw new MemoryBudgetExceededException(length, 0);
    }
    if (length > MAX_RESERVE_BYTES) {
      throw new IllegalArgumentException("reserve of " + length);
    }
    if (pending + length > output.byteSize()) {
      MemorySegment larger = MemorySegment.ofArray(new byte[2 * (int) output.byteSize()]);
      MemorySegment.copy(output, 0, larger, 0, pending);
      output = larger;
    }
    return output;
  }

  @Override
  public int reservedOffset() {
    return pending;
  }

  @Override
  public void commit(int length) {
    requireOwner();
    if (open) {
      pending += length;
    }
  }

  @Override
  public boolean isPeerTaking(int millis) {
    return peerTakes;
  }

  @Override
  public int pendingOutput() {
    requireOwner();
    return pending;
  }

  @Override
  public void suspendReading() {
    requireOwner();
    readingSuspended = true;
  }

  @Override
  public void resumeReading() {
    requireOwner();
    readingSuspended = false;
    resumes++;
  }

  @Override
  public void setTimer(long delayNanos) {
    requireOwner();
    timerNanos = delayNanos;
  }

  @Override
  public void cancelTimer() {
    requireOwner();
    timerNanos = -1;
  }

  @Override
  public BufferPool buffers() {
    requireOwner();
    return new BufferPool() {
      @Override
      public MemorySegment borrow(int minBytes) {
        MemorySegment segment = Arena.ofAuto().allocate(minBytes);
        lent.add(segment);
        return segment;
      }

      @Override
      public void giveBack(MemorySegment segment) {
        if (!lent.remove(segment)) {
          throw new IllegalStateException("given back what was not lent");
        }
      }

      @Override
      public long lentBytes() {
        return lent.stream().mapToLong(MemorySegment::byteSize).sum();
      }
    };
  }

  @Override
  public void handOver(Protocol next, MemorySegment buffer, int offset, int length) {
    throw new UnsupportedOperationException("a session hands its connection over to nobody");
  }

  @Override
  public boolean execute(Runnable task) {
    return inbox.add(task);
  }

  @Override
  public void close() {
    requireOwner();
    closed = true;
    open = false;
  }

  @Override
  public void abort() {
    requireOwner();
    aborted = true;
    open = false;
  }

  private void requireOwner() {
    if (!isOwner()) {
      throw new IllegalStateException("not the owner: " + Thread.currentThread());
    }
  }
}
