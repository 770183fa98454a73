package dev.pollux.bench;

import dev.pollux.lab.load.LoadJob;
import dev.pollux.lab.load.LoadResult;
import dev.pollux.lab.machine.ProcessFigures;
import dev.pollux.lab.worker.Worker;
import dev.pollux.lab.worker.WorkerException;
import dev.pollux.lab.worker.WorkerOptions;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.Map;

/// A server, and a process of the load that is connected to it for one workload as long as this
/// lives.
///
/// The server is stopped but for its spans. Then nothing is under way, so that the load sleeps.
final class LoadedServer implements AutoCloseable {
  /// The load ends with this process anyway.
  private static final Duration DEADLINE = Duration.ofHours(24);

  private final Contestant contestant;
  private final ContestantProcess server;
  private final Workload workload;
  private final Worker load;

  private LoadedServer(
      Contestant contestant, ContestantProcess server, Workload workload, Worker load) {
    this.contestant = contestant;
    this.server = server;
    this.workload = workload;
    this.load = load;
  }

  /// Starts a load and opens its connections.
  ///
  /// @param server its process, which is stopped
  /// @throws IOException if one of them can't be opened
  static LoadedServer connect(Contestant contestant, ContestantProcess server, Workload workload)
      throws IOException, InterruptedException {
    Worker load =
        Worker.start(LoadJob.class, WorkerOptions.DEFAULT.onCore(1).withDeadline(DEADLINE));
    LoadedServer loaded = new LoadedServer(contestant, server, workload, load);
    try {
      // The servers sign their certificate themselves.
      loaded.tell("open-insecure", Map.of("plan", workload.planFor(server.port(), server.pid())));
      return loaded;
    } catch (IOException | InterruptedException e) {
      loaded.close();
      throw e;
    }
  }

  /// Loads it, which warms both ends up.
  void warmUp(long millis) throws IOException, InterruptedException {
    server.resume();
    try {
      load(0, millis);
    } finally {
      server.suspend();
    }
  }

  /// Measures one span: from the first message to the last one that comes back.
  ///
  /// @param settleMillis of load before it, for the caches
  /// @throws IOException if the server or the load failed, or anything was wrong since the
  ///   connections are open
  Measurement measure(int round, long settleMillis, long millis)
      throws IOException, InterruptedException {
    server.resume();
    try {
      ProcessFigures before = server.figures();
      LoadResult result = load(settleMillis, millis);
      ProcessFigures used = server.figures().since(before);
      Double cpuMicros = result.serverCpuMicrosPerMessage();
      if (cpuMicros == null) {
        throw new IOException(where() + ": no message came back");
      }
      return new Measurement(
          contestant.name(),
          workload.name(),
          round,
          cpuMicros,
          (double) used.userNanos() / Math.max(1, used.cpuNanos()),
          result.messagesPerSecond(),
          result.p50Micros(),
          result.p99Micros());
    } finally {
      // If it has ended, that is what the failure says.
      server.suspend();
    }
  }

  /// Closes the connections, as clients do.
  void disconnect() throws IOException, InterruptedException {
    tell("close", Map.of());
  }

  /// Ends the load; the server is another's.
  @Override
  public void close() {
    load.close();
  }

  private void tell(String order, Map<String, ? extends Serializable> arguments)
      throws IOException, InterruptedException {
    server.resume();
    try {
      load.tell(order, arguments);
    } finally {
      server.suspend();
    }
  }

  private LoadResult load(long warmUpMillis, long millis) throws IOException, InterruptedException {
    LoadResult result;
    try {
      result =
          load.ask(
              "measure", Map.of("warmUpMillis", warmUpMillis, "millis", millis), LoadResult.class);
    } catch (WorkerException e) {
      throw new IOException(where() + " went wrong: " + e.getMessage(), e);
    }
    if (!result.allWell()) {
      throw new IOException(where() + " went wrong: " + what(result));
    }
    return result;
  }

  private static String what(LoadResult result) {
    return result.missed() > 0
        ? result.missed() + " deliveries were missed"
        : String.valueOf(result.problem());
  }

  private String where() {
    return workload.name() + " on " + contestant.title();
  }
}
