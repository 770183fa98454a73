package dev.pollux.lab.experiment;

import dev.pollux.lab.Bench;
import dev.pollux.lab.Effort;
import dev.pollux.lab.Notebook;
import dev.pollux.lab.StandingWorker;
import dev.pollux.lab.worker.Worker;
import dev.pollux.lab.worker.WorkerOptions;
import dev.pollux.net.IoModel;
import java.io.IOException;
import java.util.Map;

/// The processes of an experiment on echo servers, on two processors: [FarEnds] that serve all of
/// its models, and [EchoServer]s.
///
/// What was compiled for one model and what it has left in memory would be in the CPU time and the
/// memory of the next: where these are measured, each server has a process of its own. Counts are
/// the same in any process: where the rest is counted, the models take turns in one, so that a JVM
/// is started once and not once for each of them.
///
/// Not thread-safe: it belongs to the experiment.
final class EchoProcesses implements AutoCloseable {
  // A heap that is all there from the start: what grows afterwards is stacks and native memory.
  private static final WorkerOptions MEASURED =
      WorkerOptions.DEFAULT
          .boundLater()
          .withJvmArgument("-Xms128m")
          .withJvmArgument("-XX:+AlwaysPreTouch");
  private static final WorkerOptions COUNTED = WorkerOptions.DEFAULT.boundLater();
  private static final WorkerOptions CLIENTS = WorkerOptions.DEFAULT.onCore(1);

  private final boolean inTurns;
  private final StandingWorker clients;
  private final StandingWorker server;

  private EchoProcesses(Bench bench, boolean inTurns) {
    this.inTurns = inTurns;
    this.clients = bench.standing(FarEnds.class, CLIENTS);
    this.server = bench.standing(EchoServer.class, inTurns ? COUNTED : MEASURED);
  }

  /// A process for each server: CPU time and memory are measured.
  static EchoProcesses ofTheirOwn(Bench bench) {
    return new EchoProcesses(bench, false);
  }

  /// A process for each server where there is time for it: CPU time is measured. In a quick run
  /// they take turns, which the notebook then says: its JVMs have the first compiler only, which
  /// compiles a method the same way whatever has run before.
  static EchoProcesses timed(Bench bench, Notebook notebook) {
    if (bench.effort() == Effort.FULL) {
      return ofTheirOwn(bench);
    }
    notebook.remark("In a quick run the servers of the models take turns in one process.");
    return inTurns(bench);
  }

  /// One process in which the servers take turns: only what they do is counted.
  static EchoProcesses inTurns(Bench bench) {
    return new EchoProcesses(bench, true);
  }

  /// Opens a server of that model with one loop. The one that was opened before is ended, and its
  /// clients are closed.
  Served open(IoModel model) throws IOException, InterruptedException {
    if (server.isThere()) {
      // So that the server that ends now does not have to end connections by the thousand.
      clients.get().tell("drop", null);
      if (!inTurns) {
        server.close();
      }
    }
    boolean isNew = !server.isThere();
    Worker now = server.get();
    EchoServer.Opened opened =
        now.ask("open", Map.of("model", model.word(), "loops", 1), EchoServer.Opened.class);
    if (isNew) {
      now.bind(0);
    }
    return new Served(model, now, clients.get(), opened.port());
  }

  /// The process of the server that is open, or that will be opened next.
  Worker server() throws IOException {
    return server.get();
  }

  @Override
  public void close() {
    clients.close();
    server.close();
  }
}
