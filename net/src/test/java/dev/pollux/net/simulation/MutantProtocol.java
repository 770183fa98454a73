package dev.pollux.net.simulation;

import dev.pollux.net.CloseReason;
import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import dev.pollux.net.Refusal;
import dev.pollux.net.internal.Mutation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Passes on what an engine tells, with a bug that was put in on purpose.
final class MutantProtocol implements Protocol {
  private final Protocol protocol;
  private final Mutants mutants;
  private @Nullable Connection mutant;

  MutantProtocol(Protocol protocol, Mutants mutants) {
    this.protocol = protocol;
    this.mutants = mutants;
  }

  private Connection of(Connection connection) {
    Connection made = mutant;
    if (made == null) {
      made = new MutantConnection(connection, mutants);
      mutant = made;
    }
    return made;
  }

  @Override
  public void onOpen(Connection connection) {
    protocol.onOpen(of(connection));
  }

  @Override
  public void onBytes(Connection connection, MemorySegment buffer, int offset, int length) {
    protocol.onBytes(of(connection), buffer, offset, length);
  }

  @Override
  public void onEndOfInput(Connection connection) {
    protocol.onEndOfInput(of(connection));
  }

  @Override
  public void onFlush(Connection connection) {
    protocol.onFlush(of(connection));
  }

  @Override
  public void onDrained(Connection connection) {
    protocol.onDrained(of(connection));
  }

  @Override
  public void onTimer(Connection connection) {
    protocol.onTimer(of(connection));
  }

  @Override
  public void onClosed(Connection connection, CloseReason reason) {
    protocol.onClosed(of(connection), reason);
    if (mutants.mutation() == Mutation.TELLS_THE_END_TWICE) {
      protocol.onClosed(of(connection), reason);
    } else if (mutants.mutation() == Mutation.TELLS_BYTES_AFTER_THE_END) {
      protocol.onBytes(of(connection), MemorySegment.ofArray(new byte[1]), 0, 1);
    }
  }

  @Override
  public void onRefused(Connection connection, Refusal refusal) {
    protocol.onRefused(of(connection), refusal);
  }

  @Override
  public void onConnectFailed(IOException cause) {
    protocol.onConnectFailed(cause);
  }
}
