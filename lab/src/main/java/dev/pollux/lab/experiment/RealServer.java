package dev.pollux.lab.experiment;

import dev.pollux.lab.Axis;
import dev.pollux.lab.Bench;
import dev.pollux.lab.Effort;
import dev.pollux.lab.Experiment;
import dev.pollux.lab.Finding;
import dev.pollux.lab.Notebook;
import dev.pollux.lab.Numbers;
import dev.pollux.lab.StandingWorker;
import dev.pollux.lab.Verdict;
import dev.pollux.lab.machine.ProcessFigures;
import dev.pollux.lab.service.WebSocketFarEnds;
import dev.pollux.lab.service.WebSocketServer;
import dev.pollux.lab.worker.Worker;
import dev.pollux.lab.worker.WorkerOptions;
import dev.pollux.net.IoModel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/// WebSocket echo on every model: what a message costs, how long it takes, and what a connection
/// that says nothing keeps in memory.
public final class RealServer implements Experiment {
  private static final int ACTIVE = 100;

  /// Fewer say nothing about what one costs: the JVM itself grows by as much.
  private static final int FEWEST_MORE = 100;

  private static final double A_LITTLE_MORE = 1.15;
  private static final double HARDLY = 1.5;
  private static final double MANY_TIMES = 10;

  private static final String CPU = "cpu";
  private static final String CPU_BESIDE = "cpu-beside-idle";
  private static final String MEMORY = "memory";
  private static final String THROUGHPUT = "throughput";
  private static final String LATENCY = "latency";
  private static final String CONNECTIONS = "connections";

  // A heap that is all there from the start: what grows afterwards is stacks and native memory.
  private static final WorkerOptions SERVER =
      WorkerOptions.DEFAULT
          .boundLater()
          .withJvmArgument("-Xms128m")
          .withJvmArgument("-XX:+AlwaysPreTouch");

  @Override
  public String name() {
    return "server";
  }

  @Override
  public String title() {
    return "The real server";
  }

  @Override
  public String question() {
    return "The same WebSocket server on every model: what does a message cost, how long does it"
        + " take, and what does a connection keep in memory?";
  }

  @Override
  public String claim() {
    return "epoll serves a message for no more CPU than the models before it, hardly more when"
        + " thousands of others are idle; and a thread per client keeps many times the memory.";
  }

  @Override
  public String method() {
    return "A WebSocket server of each model with one loop, in a process and on a processor of its"
        + " own; "
        + ACTIVE
        + " clients on another processor send 64 bytes each and wait for the echo, again and again;"
        + " every byte is checked. CPU is that of the server's whole process, from /proc/PID, in"
        + " the one of several short spans of time in which a message cost least: what else runs on"
        + " the machine makes a span dearer, never cheaper. Messages in a second and latencies are"
        + " medians of these spans. Then more clients"
        + " connect and say nothing. Memory per connection is what these have added, after a"
        + " garbage collection: what lives on the heap, and what the process holds besides (stacks,"
        + " buffers); the kernel's own memory is not in it. Last the first clients speak again,"
        + " beside the idle ones.";
  }

  @Override
  public String rule() {
    return "Three parts: (1) a message costs epoll at most "
        + Numbers.text(A_LITTLE_MORE)
        + " times the CPU of the cheapest of blocking, nonblocking, select and poll; (2) beside the"
        + " idle clients at most "
        + Numbers.text(HARDLY)
        + " times what it cost before; (3) a connection keeps at least "
        + Numbers.text(MANY_TIMES)
        + " times as much memory in blocking as in epoll.";
  }

  @Override
  public Duration estimate(Effort effort) {
    Plan plan = Plan.of(effort);
    long perModel = 900 + plan.warmUpMillis * 5L / 4 + 2L * plan.spans * plan.millis + plan.idle;
    return Duration.ofMillis(perModel * IoModel.values().length);
  }

  /// How much is done.
  ///
  /// @param millis of each span in which CPU is measured
  /// @param spans how many of these there are
  /// @param idle clients that say nothing
  private record Plan(int warmUpMillis, int millis, int spans, int idle) {
    static Plan of(Effort effort) {
      return switch (effort) {
        case TINY -> new Plan(50, 50, 2, 150);
        case QUICK -> new Plan(250, 75, 6, 400);
        case FULL -> new Plan(1_500, 200, 10, 4_000);
      };
    }
  }

  @Override
  public void measure(Bench bench, Notebook notebook) throws IOException, InterruptedException {
    Axis cpu = Axis.linear("server CPU per message", "µs");
    notebook.bars(CPU, "Server CPU per message, " + ACTIVE + " clients", cpu);
    notebook.bars(CPU_BESIDE, "The same, beside idle clients", cpu);
    notebook.bars(THROUGHPUT, "Messages in a second", Axis.linear("messages in a second", ""));
    notebook.bars(
        MEMORY, "User-space memory per idle connection", Axis.log("memory per connection", "B"));
    notebook.table(
        LATENCY,
        "From sending to the echo, " + ACTIVE + " clients, one message each at a time",
        "model",
        "messages in a second",
        "50 %, µs",
        "99 %, µs",
        "99.9 %, µs");
    notebook.table(
        CONNECTIONS,
        "What idle connections keep",
        "model",
        "connections",
        "live heap, B each",
        "off-heap, B each",
        "together, B each");
    List<IoModel> models = bench.models();
    try (StandingWorker clients =
        bench.standing(WebSocketFarEnds.class, WorkerOptions.DEFAULT.onCore(1))) {
      bench.eachModel(
          notebook,
          (model, i) -> {
            bench.progress(model.word(), (double) i / models.size());
            try (Worker server = bench.start(WebSocketServer.class, SERVER)) {
              Worker now = clients.get();
              new Measurement(model, server, now, Plan.of(bench.effort()), notebook).run();
              now.tell("drop", null);
            }
          });
    }
    notebook.remark(
        "One loop on one processor; clients and server share the machine's memory and caches.");
  }

  /// One model.
  private record Measurement(
      IoModel model, Worker server, Worker clients, Plan plan, Notebook notebook) {

    void run() throws IOException, InterruptedException {
      int port =
          server
              .ask(
                  "open",
                  Map.of("model", model.word(), "loops", 1, "backend", 0),
                  WebSocketServer.Opened.class)
              .port();
      server.bind(0);
      int held = connect(port, ACTIVE).held();
      exchange(plan.warmUpMillis);
      Spans first = spans();
      notebook.bar(CPU, model.word(), first.leastCpuMicros());
      notebook.bar(THROUGHPUT, model.word(), first.median(WebSocketFarEnds.Exchanged::perSecond));
      notebook.row(
          LATENCY,
          model.word(),
          first.median(WebSocketFarEnds.Exchanged::perSecond),
          first.median(WebSocketFarEnds.Exchanged::p50Micros),
          first.median(WebSocketFarEnds.Exchanged::p99Micros),
          first.median(WebSocketFarEnds.Exchanged::p999Micros));
      WebSocketServer.Memory before = memory();
      WebSocketFarEnds.Connected more = connect(port, plan.idle);
      if (more.refused() > 0) {
        notebook.remark(
            "%s refused a client when %d were connected.".formatted(model.word(), more.held()));
      }
      if (more.held() - held >= FEWEST_MORE) {
        write(before, memory(), more.held() - held, more.held());
      }
      exchange(plan.warmUpMillis / 4);
      notebook.bar(CPU_BESIDE, model.word(), spans().leastCpuMicros());
    }

    private WebSocketFarEnds.Connected connect(int port, int count)
        throws IOException, InterruptedException {
      return clients.ask(
          "connect",
          Map.of("port", port, "target", "/echo", "count", count),
          WebSocketFarEnds.Connected.class);
    }

    private WebSocketFarEnds.Exchanged exchange(int millis)
        throws IOException, InterruptedException {
      return clients.ask(
          "exchange", Map.of("active", ACTIVE, "millis", millis), WebSocketFarEnds.Exchanged.class);
    }

    private Spans spans() throws IOException, InterruptedException {
      List<Span> spans = new ArrayList<>();
      for (int i = 0; i < plan.spans; i++) {
        ProcessFigures begin = ProcessFigures.of(server.pid());
        WebSocketFarEnds.Exchanged exchanged = exchange(plan.millis);
        spans.add(new Span(exchanged, ProcessFigures.of(server.pid()).since(begin).cpuNanos()));
      }
      return new Spans(spans);
    }

    private WebSocketServer.Memory memory() throws IOException, InterruptedException {
      return server.ask("memory", null, WebSocketServer.Memory.class);
    }

    private void write(
        WebSocketServer.Memory before, WebSocketServer.Memory after, int more, int held) {
      double heap = (after.heap() - before.heap()) / (double) more;
      double outside = (after.resident() - before.resident()) / (double) more;
      if (heap > 0 && outside >= 0) {
        notebook.row(CONNECTIONS, model.word(), held, heap, outside, heap + outside);
        notebook.bar(MEMORY, model.word(), heap + outside);
        return;
      }
      // The JVM has given back more than the clients took, which nobody can tell apart.
      notebook.remark(
          ("%s held less %s after %s clients came than before: what one keeps there is too little"
                  + " to be measured here.")
              .formatted(
                  model.word(), heap > 0 ? "outside the heap" : "on the heap", Numbers.text(more)));
      notebook.row(
          CONNECTIONS,
          model.word(),
          held,
          heap > 0 ? heap : null,
          outside < 0 ? null : outside,
          null);
      if (heap > 0) {
        notebook.bar(MEMORY, model.word(), heap);
      }
    }
  }

  /// One span of time, and what the server's process has used in it.
  private record Span(WebSocketFarEnds.Exchanged exchanged, long cpuNanos) {
    double microsPerMessage() {
      return cpuNanos / 1e3 / exchanged.messages();
    }
  }

  private record Spans(List<Span> spans) {
    double leastCpuMicros() {
      return spans.stream().mapToDouble(Span::microsPerMessage).min().orElse(Double.NaN);
    }

    double median(ToDoubleFunction<WebSocketFarEnds.Exchanged> value) {
      return Medians.of(spans.stream().map(Span::exchanged).mapToDouble(value).toArray());
    }
  }

  @Override
  public Verdict judge(Finding finding) {
    String epoll = IoModel.EPOLL.word();
    OptionalDouble cpu = finding.bar(CPU, epoll);
    OptionalDouble beside = finding.bar(CPU_BESIDE, epoll);
    OptionalDouble earlier =
        List.of(IoModel.BLOCKING, IoModel.NONBLOCKING, IoModel.SELECT, IoModel.POLL).stream()
            .map(model -> finding.bar(CPU, model.word()))
            .flatMapToDouble(OptionalDouble::stream)
            .min();
    if (cpu.isEmpty() || beside.isEmpty() || earlier.isEmpty()) {
      return Verdict.notMeasured("epoll and a model before it are needed");
    }
    List<Boolean> parts = new ArrayList<>();
    List<String> said = new ArrayList<>();
    parts.add(cpu.getAsDouble() <= A_LITTLE_MORE * earlier.getAsDouble());
    said.add(
        "A message costs epoll %s µs of CPU, the cheapest model before it %s µs"
            .formatted(Numbers.text(cpu.getAsDouble()), Numbers.text(earlier.getAsDouble())));
    parts.add(beside.getAsDouble() <= HARDLY * cpu.getAsDouble());
    said.add("beside idle clients epoll %s µs".formatted(Numbers.text(beside.getAsDouble())));
    OptionalDouble thread = finding.bar(MEMORY, IoModel.BLOCKING.word());
    OptionalDouble loop = finding.bar(MEMORY, epoll);
    if (thread.isPresent() && loop.isPresent()) {
      parts.add(thread.getAsDouble() >= MANY_TIMES * loop.getAsDouble());
      said.add(
          "an idle connection keeps %s B in blocking and %s B in epoll"
              .formatted(Numbers.text(thread.getAsDouble()), Numbers.text(loop.getAsDouble())));
    }
    return Parts.verdict(said, parts);
  }
}
