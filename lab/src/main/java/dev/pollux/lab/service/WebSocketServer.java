package dev.pollux.lab.service;

import dev.pollux.lab.worker.Arguments;
import dev.pollux.lab.worker.Job;
import dev.pollux.net.IoModel;
import dev.pollux.server.Pollux;
import dev.pollux.server.PolluxServer;
import dev.pollux.server.ServerStatistics;
import dev.pollux.session.Message;
import dev.pollux.session.WebSocket;
import dev.pollux.session.WebSocketHandler;
import java.io.IOException;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Pollux itself, in a process of its own.
///
/// | path | what its handler does with a message |
/// |---|---|
/// | `/echo` | sends it back |
/// | `/who` | the same, and remembers which thread it was called by |
/// | `/slow` | asks the [SlowBackend] for as many milliseconds as the text says, then sends it back |
/// | `/slow?away` | the same by [WebSocket#offload], on another thread |
///
/// Orders: `open` with `model` (a word), `loops`, and `backend` (the port of a [SlowBackend], or 0)
/// ends the server that was opened before, and is answered with [Opened]; `counts` with [Counts];
/// `memory` with [Memory]; `callers` with the number of threads that `/who` has met; `threads` with
/// `samples` and `everyMillis` with a [ThreadTally].
public final class WebSocketServer implements Job {
  private static final int GARBAGE_COLLECTIONS = 3;

  private final Set<Thread> callers = ConcurrentHashMap.newKeySet();
  private @Nullable PolluxServer server;

  /// Where it listens.
  ///
  /// @param loops how many loops there are
  public record Opened(int port, int loops) implements Serializable {}

  /// What it has done so far.
  ///
  /// @param messages delivered to handlers
  /// @param open WebSockets that are open
  /// @param wakeups returns from waiting for I/O
  /// @param calls system calls, of all names
  public record Counts(long messages, int open, long refused, long wakeups, long calls)
      implements Serializable {}

  /// Memory in bytes.
  ///
  /// @param heap what lives on the heap: used, after collections
  /// @param resident all memory of the process that is really there
  public record Memory(long heap, long resident) implements Serializable {}

  @Override
  public @Nullable Serializable carryOut(String order, Arguments arguments) throws Exception {
    return switch (order) {
      case "open" ->
          open(
              IoModel.of(arguments.text("model")),
              arguments.number("loops"),
              arguments.number("backend"));
      case "counts" -> counts(opened().statistics());
      case "memory" -> memory();
      case "callers" -> callers.size();
      case "threads" ->
          ThreadTally.ofThisProcess(
              arguments.number("samples"), Duration.ofMillis(arguments.number("everyMillis")));
      default -> throw new IllegalArgumentException("a WebSocket server has no order " + order);
    };
  }

  private Opened open(IoModel model, int loops, int backendPort) throws IOException {
    close();
    callers.clear();
    SlowHandler here = new SlowHandler(backendPort, false);
    SlowHandler away = new SlowHandler(backendPort, true);
    PolluxServer started =
        Pollux.server()
            .io(model)
            .loops(loops)
            .webSocket("/echo", new Echo())
            .webSocket("/who", new Who())
            .webSocket("/slow", request -> "away".equals(request.query()) ? away : here)
            .start();
    server = started;
    return new Opened(started.address().getPort(), started.loops());
  }

  private PolluxServer opened() {
    PolluxServer started = server;
    if (started == null) {
      throw new IllegalStateException("the server was not opened");
    }
    return started;
  }

  private static Counts counts(ServerStatistics statistics) {
    return new Counts(
        statistics.sessions().messagesIn(),
        statistics.sessions().open(),
        statistics.engine().refused(),
        statistics.engine().wakeups(),
        statistics.engine().systemCalls().totalCalls());
  }

  private static Memory memory() throws IOException {
    for (int i = 0; i < GARBAGE_COLLECTIONS; i++) {
      System.gc();
    }
    return new Memory(
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
        ResidentMemory.ofThisProcess());
  }

  @Override
  public void close() {
    if (server != null) {
      server.stop(Duration.ZERO);
    }
  }

  private static final class Echo implements WebSocketHandler {
    @Override
    public void onMessage(WebSocket ws, Message message) {
      ws.send(message);
    }
  }

  private final class Who implements WebSocketHandler {
    @Override
    public void onMessage(WebSocket ws, Message message) {
      callers.add(Thread.currentThread());
      ws.send(message);
    }
  }
}
