package dev.pollux.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A server that takes part.
///
/// @param name a word for `--servers`
/// @param title what the table calls it
/// @param kind whose it is
/// @param command its process, without the words that bind it to a processor
/// @param services what it does, in plain `ws`
/// @param tlsArguments what makes it speak `wss`; empty if it can't
/// @param deflateArguments what makes it negotiate permessage-deflate; empty if it can't
record Contestant(
    String name,
    String title,
    Kind kind,
    List<String> command,
    Set<Workload.Service> services,
    List<String> tlsArguments,
    List<String> deflateArguments) {

  /// Whose a server is.
  enum Kind {
    POLLUX,
    /// A line to compare with, written for this benchmark: it checks next to nothing.
    REFERENCE,
    /// Somebody else's, run as its documentation shows.
    PEER,
    /// Any other, by its command: all that is known of it is that it echoes.
    GIVEN
  }

  Contestant {
    command = List.copyOf(command);
    services = Set.copyOf(services);
    tlsArguments = List.copyOf(tlsArguments);
    deflateArguments = List.copyOf(deflateArguments);
  }

  /// Whether it can run a workload.
  boolean runs(Workload workload) {
    return switch (workload.variant()) {
      case PLAIN -> services.contains(workload.service());
      case TLS -> !tlsArguments.isEmpty();
      case DEFLATE -> !deflateArguments.isEmpty();
    };
  }

  /// The command for a variant.
  List<String> command(Workload.Variant variant) {
    List<String> words = new ArrayList<>(command);
    switch (variant) {
      case PLAIN -> {}
      case TLS -> words.addAll(tlsArguments);
      case DEFLATE -> words.addAll(deflateArguments);
    }
    return words;
  }

  /// The command that is timed at its start: with a heap that grows as it is needed.
  List<String> startCommand() {
    return command.stream().filter(word -> !JvmOptions.TOUCHED_HEAP.contains(word)).toList();
  }

  /// The same server with other options of the JVM; its name says which.
  ///
  /// @throws IllegalArgumentException if it runs in none
  Contestant withJvmOptions(String options) {
    if (!isJvm()) {
      throw new IllegalArgumentException(
          name + " takes no options of a JVM: it does not run in one");
    }
    return new Contestant(
        name + JvmOptions.MARK + options,
        title + " with " + options,
        kind,
        JvmOptions.added(command, options),
        services,
        tlsArguments,
        deflateArguments);
  }

  /// Whether it runs in a JVM that can be asked for its heap.
  boolean isJvm() {
    return command.getFirst().endsWith("java");
  }
}
