package dev.pollux.net.simulation;

import dev.pollux.net.Connection;
import dev.pollux.net.Owner;
import dev.pollux.net.Protocol;
import dev.pollux.net.internal.Mutation;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/// The bug of a host that is put in between its engine and its protocols, if there is one.
final class Mutants {
  private final Mutation mutation;
  private final Chance chance;
  private final Consumer<Runnable> later;
  private final Map<Owner, MutantOwner> owners = new HashMap<>();

  /// @param later does something after a while, as another thread
  Mutants(Mutation mutation, Chance chance, Consumer<Runnable> later) {
    this.mutation = mutation;
    this.chance = chance;
    this.later = later;
  }

  Mutation mutation() {
    return mutation;
  }

  Protocol between(Protocol protocol) {
    return mutation.isBetween() ? new MutantProtocol(protocol, this) : protocol;
  }

  MutantOwner ownerOf(Connection connection) {
    return owners.computeIfAbsent(
        connection.owner(), owner -> new MutantOwner(owner, mutation, chance, later));
  }
}
