package dev.pollux.net.simulation;

import dev.pollux.net.CloseReason;
import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.net.internal.Mutation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Passes on what an engine tells, with a bug that was put in on purpose.
record MutantProtocol(Protocol protocol, Mutation mutation) implements Protocol {
  @Override
  public void onOpen(Connection connection) {
    protocol.onOpen(connection);
  }

  @Override
  public void onBytes(Connection connection, MemorySegment buffer, int offset, int length) {
    protocol.onBytes(connection, buffer, offset, length);
  }

  @Override
  public void onEndOfInput(Connection connection) {
    protocol.onEndOfInput(connection);
  }

  @Override
  public void onFlush(Connection connection) {
    protocol.onFlush(connection);
  }

  @Override
  public void onDrained(Connection connection) {
    protocol.onDrained(connection);
  }

  @Override
  public void onTimer(Connection connection) {
    protocol.onTimer(connection);
  }

  @Override
  public void onClosed(Connection connection, CloseReason reason) {
    protocol.onClosed(connection, reason);
    if (mutation == Mutation.TELLS_THE_END_TWICE) {
      protocol.onClosed(connection, reason);
    } else {
      protocol.onBytes(connection, MemorySegment.ofArray(new byte[1]), 0, 1);
    }
  }

  @Override
  public void onRefused(Connection connection, Refusal refusal) {
    protocol.onRefused(connection, refusal);
  }

  @Override
  public void onConnectFailed(IOException cause) {
    protocol.onConnectFailed(cause);
  }
}
