package dev.pollux.net.tls;

import dev.pollux.net.BufferPool;
import dev.pollux.net.CloseReason;
import dev.pollux.net.Connection;
import dev.pollux.net.Owner;
import dev.pollux.net.OwnerLocal;
import dev.pollux.net.Protocol;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The connection below TLS, in memory: the test says what arrives, when a batch ends, and what the
/// kernel takes. It counts what is borrowed.
final class FakeTransport implements Connection, Owner, BufferPool {
  private static final int RECEIVE_BYTES = 64 * 1024;

  final boolean mayBlock;
  private final MemorySegment receiveBuffer = Arena.ofAuto().allocate(RECEIVE_BYTES);
  private final MemorySegment room = Arena.ofAuto().allocate(MAX_RESERVE_BYTES);
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private final ByteArrayOutputStream wire = new ByteArrayOutputStream();
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final Set<MemorySegment> lent = new HashSet<>();
  private Protocol protocol;
  private boolean flushWanted;
  boolean readingSuspended;
  boolean kernelTakesNothing;
  boolean closed;
  boolean aborted;
  boolean timerSet;
  @Nullable InetSocketAddress remote;
  int flushes;
  int receives;

  FakeTransport(Protocol protocol, boolean mayBlock) {
    this.protocol = protocol;
    this.mayBlock = mayBlock;
  }

  void open() {
    protocol.onOpen(this);
    endOfBatch();
  }

  /// Bytes arrive, unless reading is suspended: then they wait in the kernel.
  void receive(byte[] bytes, int offset, int length) {
    if (readingSuspended || closed || aborted) {
      throw new IllegalStateException("nothing is received now");
    }
    receives++;
    MemorySegment.copy(bytes, offset, receiveBuffer, ValueLayout.JAVA_BYTE, 0, length);
    protocol.onBytes(this, receiveBuffer, 0, length);
    // The engine receives somebody else's bytes into the same memory.
    receiveBuffer.asSlice(0, length).fill((byte) 0x5A);
    endOfBatch();
  }

  boolean canReceive() {
    return !readingSuspended && !closed && !aborted;
  }

  void fin() {
    protocol.onEndOfInput(this);
    endOfBatch();
  }

  void timerFires() {
    timerSet = false;
    protocol.onTimer(this);
    endOfBatch();
  }

  void end(CloseReason reason) {
    protocol.onClosed(this, reason);
  }

  void endOfBatch() {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
    if (kernelTakesNothing || !flushWanted) {
      return;
    }
    flushWanted = false;
    flushes++;
    if (!closed && !aborted) {
      protocol.onFlush(this);
    }
    // What was reserved in it goes with this flush.
    flushWanted = false;
    boolean progress = pending.size() > 0;
    wire.writeBytes(pending.toByteArray());
    pending.reset();
    if (progress && !closed && !aborted) {
      protocol.onDrained(this);
    }
    if (flushWanted || !tasks.isEmpty()) {
      endOfBatch();
    }
  }

  /// What the kernel took since the last call.
  byte[] taken() {
    byte[] bytes = wire.toByteArray();
    wire.reset();
    return bytes;
  }

  @Override
  public @Nullable InetSocketAddress remoteAddress() {
    return remote;
  }

  @Override
  public Owner owner() {
    return this;
  }

  @Override
  public boolean isCurrent() {
    return true;
  }

  @Override
  public boolean isInTurn() {
    return true;
  }

  @Override
  public boolean enter(Runnable entry) {
    return tasks.add(entry);
  }

  @Override
  public boolean add(Runnable entry) {
    return tasks.add(entry);
  }

  @Override
  public void wake() {}

  @Override
  public Timer schedule(long delayNanos, Runnable task) {
    throw new UnsupportedOperationException("TLS has the connection's timer only");
  }

  @Override
  public <T> T local(OwnerLocal<T> key) {
    throw new UnsupportedOperationException("TLS keeps nothing with the owner");
  }

  @Override
  public boolean mayBlock() {
    return mayBlock;
  }

  @Override
  public boolean isOpen() {
    return !closed && !aborted;
  }

  @Override
  public MemorySegment reserve(int length) {
    flushWanted = true;
    return room;
  }

  @Override
  public int reservedOffset() {
    return 0;
  }

  @Override
  public void commit(int length) {
    if (!closed && !aborted) {
      pending.writeBytes(room.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Override
  public int pendingOutput() {
    return pending.size();
  }

  @Override
  public void suspendReading() {
    readingSuspended = true;
  }

  @Override
  public void resumeReading() {
    readingSuspended = false;
  }

  @Override
  public void setTimer(long delayNanos) {
    timerSet = true;
  }

  @Override
  public void cancelTimer() {
    timerSet = false;
  }

  @Override
  public BufferPool buffers() {
    return this;
  }

  @Override
  public void handOver(Protocol next, MemorySegment buffer, int offset, int length) {
    protocol = next;
    next.onOpen(this);
  }

  @Override
  public boolean execute(Runnable task) {
    return tasks.add(task);
  }

  @Override
  public void close() {
    closed = true;
    flushWanted = true;
  }

  @Override
  public void abort() {
    aborted = true;
  }

  // BufferPool

  @Override
  public MemorySegment borrow(int minBytes) {
    int bytes = Math.max(512, Integer.highestOneBit(Math.max(1, minBytes - 1)) << 1);
    MemorySegment segment = Arena.ofAuto().allocate(bytes);
    lent.add(segment);
    return segment;
  }

  @Override
  public void giveBack(MemorySegment segment) {
    if (!lent.remove(segment)) {
      throw new IllegalStateException("given back twice, or not lent");
    }
  }

  @Override
  public long lentBytes() {
    return lent.stream().mapToLong(MemorySegment::byteSize).sum();
  }
}
