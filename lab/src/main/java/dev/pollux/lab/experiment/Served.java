package dev.pollux.lab.experiment;

import dev.pollux.lab.Notebook;
import dev.pollux.lab.Numbers;
import dev.pollux.lab.machine.ProcessFigures;
import dev.pollux.lab.worker.Worker;
import dev.pollux.net.IoModel;
import java.io.IOException;
import java.util.Map;

/// An [EchoServer] of one model that is open, and its [FarEnds]; [EchoProcesses] ends both.
///
/// @param model what the server waits by
/// @param server the process that it runs in
/// @param clients the process that loads it
/// @param port where the server listens
record Served(IoModel model, Worker server, Worker clients, int port) {

  /// What one sample of an exchange has cost the server.
  ///
  /// @param exchanged what went to and fro
  /// @param before what the server had counted before
  /// @param after what it had counted afterwards
  /// @param used what the kernel says that the server's process has used meanwhile
  record Sample(
      FarEnds.Exchanged exchanged,
      EchoServer.Counts before,
      EchoServer.Counts after,
      ProcessFigures used) {

    /// Server CPU, in the kernel and outside, in µs.
    double cpuMicrosPerMessage() {
      return used.cpuNanos() / 1e3 / exchanged.messages();
    }
  }

  /// Opens connections until there are `count`.
  ///
  /// @param have how many there are
  FarEnds.Connected connect(int have, int count) throws IOException, InterruptedException {
    return clients.ask(
        "connect", Map.of("port", port, "count", count - have), FarEnds.Connected.class);
  }

  /// Opens connections until there are `wanted`; where the server does not hold as many, the
  /// notebook says how many it held.
  ///
  /// @param have how many there are
  /// @return whether there are as many
  boolean holds(int have, int wanted, Notebook notebook) throws IOException, InterruptedException {
    int held = connect(have, wanted).held();
    if (held < wanted) {
      notebook.remark(
          "%s held %s of %s connections."
              .formatted(model.word(), Numbers.text(held), Numbers.text(wanted)));
    }
    return held == wanted;
  }

  /// Lets clients talk, and does not look at what it costs.
  FarEnds.Exchanged exchange(int active, int millis) throws IOException, InterruptedException {
    return clients.ask(
        "exchange",
        Map.of("active", active, "millis", millis, "bytes", 64),
        FarEnds.Exchanged.class);
  }

  /// Lets clients talk, and takes what it costs the server.
  Sample sample(int active, int millis) throws IOException, InterruptedException {
    EchoServer.Counts before = counts();
    ProcessFigures begin = figures();
    FarEnds.Exchanged exchanged = exchange(active, millis);
    ProcessFigures used = figures().since(begin);
    return new Sample(exchanged, before, counts(), used);
  }

  EchoServer.Counts counts() throws IOException, InterruptedException {
    return server.ask("counts", null, EchoServer.Counts.class);
  }

  ProcessFigures figures() throws IOException {
    return ProcessFigures.of(server.pid());
  }
}
