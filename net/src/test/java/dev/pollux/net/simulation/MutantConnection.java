package dev.pollux.net.simulation;

import dev.pollux.net.BufferPool;
import dev.pollux.net.Connection;
import dev.pollux.net.Owner;
import dev.pollux.net.Protocol;
import dev.pollux.net.SharedOutput;
import dev.pollux.net.internal.Mutation;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// A connection whose way into the inbox has a bug that was put in on purpose.
final class MutantConnection implements Connection {
  private final Connection connection;
  private final Mutants mutants;
  private final MutantOwner owner;

  MutantConnection(Connection connection, Mutants mutants) {
    this.connection = connection;
    this.mutants = mutants;
    this.owner = mutants.ownerOf(connection);
  }

  @Override
  public boolean enter(Runnable entry) {
    return put(entry, () -> connection.enter(entry));
  }

  @Override
  public boolean execute(Runnable task) {
    return put(task, () -> connection.execute(task));
  }

  private boolean put(Runnable entry, BooleanSupplier adding) {
    if (mutants.mutation() == Mutation.OVERTAKES_THE_INBOX && isInTurn()) {
      entry.run();
      return true;
    }
    return owner.put(adding);
  }

  @Override
  public void handOver(Protocol next, MemorySegment buffer, int offset, int length) {
    connection.handOver(mutants.between(next), buffer, offset, length);
  }

  @Override
  public Owner owner() {
    return owner;
  }

  @Override
  public @Nullable InetSocketAddress remoteAddress() {
    return connection.remoteAddress();
  }

  @Override
  public boolean isInTurn() {
    return connection.isInTurn();
  }

  @Override
  public boolean isOpen() {
    return connection.isOpen();
  }

  @Override
  public MemorySegment reserve(int length) {
    return connection.reserve(length);
  }

  @Override
  public int reservedOffset() {
    return connection.reservedOffset();
  }

  @Override
  public void commit(int length) {
    connection.commit(length);
  }

  @Override
  public void append(SharedOutput shared) {
    connection.append(shared);
  }

  @Override
  public int pendingOutput() {
    return connection.pendingOutput();
  }

  @Override
  public void suspendReading() {
    connection.suspendReading();
  }

  @Override
  public void resumeReading() {
    connection.resumeReading();
  }

  @Override
  public void setTimer(long delayNanos) {
    connection.setTimer(delayNanos);
  }

  @Override
  public void cancelTimer() {
    connection.cancelTimer();
  }

  @Override
  public BufferPool buffers() {
    return connection.buffers();
  }

  @Override
  public void close() {
    connection.close();
  }

  @Override
  public void abort() {
    connection.abort();
  }

  @Override
  public String toString() {
    return connection.toString();
  }
}
