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
import dev.pollux.lab.service.Latencies;
import dev.pollux.lab.service.OneBlockingThread;
import dev.pollux.lab.service.Prober;
import dev.pollux.lab.service.StuckClient;
import dev.pollux.lab.service.ThreadTally;
import dev.pollux.lab.service.WebSocketServer;
import dev.pollux.lab.worker.Worker;
import dev.pollux.lab.worker.WorkerOptions;
import dev.pollux.net.IoModel;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;

/// One client that sends and does not read: what it does to the others, under each model.
public final class SlowClient implements Experiment {
  private static final int OTHERS = 4;
  private static final int SAMPLES = 20;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /// Less than this part of the echoes, in percent, counts as held up.
  private static final double HELD_UP = 10;

  private static final String STALLED = "stalled-";
  private static final String ONE_THREAD = "one-thread";
  private static final String IN_SEND = "workers-in-send";
  private static final String KEPT = "kept";

  @Override
  public String name() {
    return "slow";
  }

  @Override
  public String title() {
    return "The slow client";
  }

  @Override
  public String question() {
    return "One client sends and never reads the answers. Do the others notice?";
  }

  @Override
  public String claim() {
    return "A slow client blocks the thread that serves it: its own worker in blocking, and nobody"
        + " else; where one thread serves all without blocking calls, not even that.";
  }

  @Override
  public String method() {
    return "A WebSocket server of each model with one loop, in another process. "
        + OTHERS
        + " clients are asked one after the other, 64 bytes each; then a client more sends messages"
        + " of 16 KiB and reads nothing, until nothing more goes out, and they are asked again."
        + " What the server's threads do meanwhile is sampled from /proc/self/task/*/syscall. For"
        + " comparison, what one must not do: one thread that is told by poll who is ready and then"
        + " makes calls that block.";
  }

  @Override
  public String rule() {
    return "Three parts: (1) under every model all echoes come back, and at least "
        + Numbers.text(HELD_UP)
        + " % as many in a second as without the slow client; (2) in blocking one worker sits in"
        + " send; (3) one thread with blocking calls sends no echo any more.";
  }

  @Override
  public Duration estimate(Effort effort) {
    long perModel = 500 + 3L * spans(effort) * span(effort).toMillis();
    return Duration.ofMillis(1_200 + perModel * (IoModel.values().length + 2));
  }

  private static Duration span(Effort effort) {
    return effort == Effort.FULL ? Duration.ofMillis(500) : Duration.ofMillis(80);
  }

  private static int spans(Effort effort) {
    return switch (effort) {
      case TINY -> 1;
      case QUICK -> 2;
      case FULL -> 4;
    };
  }

  private static Duration patienceOfEcho(Effort effort) {
    return effort == Effort.TINY ? Duration.ofSeconds(10) : Duration.ofSeconds(5);
  }

  @Override
  public void measure(Bench bench, Notebook notebook) throws IOException, InterruptedException {
    begin(notebook);
    List<IoModel> models = bench.models();
    try (StandingWorker server =
        bench.standing(WebSocketServer.class, WorkerOptions.DEFAULT.onCore(0))) {
      if (!models.isEmpty()) {
        // Once in vain: the first round pays for the start of the JVM.
        bench.progress("warming up", 0);
        Notebook unread = new Notebook();
        begin(unread);
        bench.attempt(unread, "", () -> measure(models.getFirst(), server.get(), bench, unread));
      }
      bench.eachModel(
          notebook,
          (model, i) -> {
            bench.progress(model.word(), (double) i / (models.size() + 1));
            measure(model, server.get(), bench, notebook);
          });
    }
    bench.progress("one blocking thread", (double) models.size() / (models.size() + 1));
    bench.attempt(notebook, ONE_THREAD, () -> measureOneThread(bench, notebook));
  }

  private static void begin(Notebook notebook) {
    notebook.bars(
        KEPT,
        "What the others keep of their echoes beside a client that reads nothing",
        Axis.linear("of their echoes alone", "%"));
    notebook.table(
        "clients",
        "The others, before and beside",
        "model",
        "echoes in a second, before",
        "echoes in a second, beside",
        "median beside, µs",
        "99 % beside, µs",
        "what the threads of the server do");
  }

  private static void measure(IoModel model, Worker server, Bench bench, Notebook notebook)
      throws IOException, InterruptedException {
    Duration span = span(bench.effort());
    int spans = spans(bench.effort());
    int port =
        server
            .ask(
                "open",
                Map.of("model", model.word(), "loops", 1, "backend", 0),
                WebSocketServer.Opened.class)
            .port();
    try (Prober others = Prober.webSocket(port, "/echo", OTHERS, patienceOfEcho(bench.effort()))) {
      others.askFor(span);
      Latencies before = others.bestOf(spans, span);
      try (StuckClient slow = StuckClient.webSocket(port, "/echo")) {
        slow.awaitStuck(PATIENCE);
        CompletableFuture<Optional<Serializable>> look =
            server.begin(
                "threads",
                Map.of("samples", SAMPLES, "everyMillis", spans * span.toMillis() / SAMPLES));
        Latencies beside = others.bestOf(spans, span);
        ThreadTally tally = server.await(look, PATIENCE, ThreadTally.class);
        write(model, before, beside, tally, notebook);
      }
    }
  }

  private static void write(
      IoModel model, Latencies before, Latencies beside, ThreadTally tally, Notebook notebook) {
    notebook.row(
        "clients",
        model.word(),
        before.perSecond(),
        beside.perSecond(),
        beside.cell(0.5),
        beside.cell(0.99),
        tally.text());
    notebook.figure(
        STALLED + model.word(),
        model.word() + ": echoes that did not come back",
        beside.stalled() ? 1 : 0,
        "");
    notebook.bar(KEPT, model.word(), 100 * beside.perSecond() / before.perSecond());
    if (model == IoModel.BLOCKING) {
      double share = tally.share("client", "send") + tally.share("client", "sendmsg");
      notebook.figure(
          IN_SEND,
          "workers of blocking that sit in send, on average",
          share * tally.threads("client"),
          "");
    }
  }

  private static void measureOneThread(Bench bench, Notebook notebook)
      throws IOException, InterruptedException {
    Duration patience =
        bench.pick(Duration.ofSeconds(1), Duration.ofMillis(500), PATIENCE.dividedBy(10));
    try (Worker server = bench.start(OneBlockingThread.class, WorkerOptions.DEFAULT.onCore(0))) {
      int port = server.ask("open", null, Integer.class);
      try (Prober others = Prober.raw(port, OTHERS, patience)) {
        Latencies before = others.askFor(span(bench.effort()));
        try (StuckClient slow = StuckClient.raw(port)) {
          slow.awaitStuck(PATIENCE);
          Latencies beside = others.ask(1);
          notebook.row(
              "clients",
              "one blocking thread",
              before.perSecond(),
              beside.perSecond(),
              beside.cell(0.5),
              beside.stalled() ? "no echo in " + patience.toMillis() + " ms" : beside.cell(0.99),
              "its only thread sits in send");
          notebook.figure(
              STALLED + ONE_THREAD,
              "one thread with blocking calls: echoes that did not come back",
              beside.stalled() ? 1 : 0,
              "");
        }
      }
    }
  }

  @Override
  public Verdict judge(Finding finding) {
    Optional<Ratios> kept = Ratios.of(finding, KEPT);
    OptionalDouble oneThread = finding.figure(STALLED + ONE_THREAD);
    if (kept.isEmpty() || oneThread.isEmpty()) {
      return Verdict.notMeasured("the clients were not asked beside a slow one");
    }
    List<String> stalled = stalledModels(finding);
    List<String> said = new ArrayList<>();
    List<Boolean> parts = new ArrayList<>();
    parts.add(stalled.isEmpty() && kept.get().smallest() >= HELD_UP);
    said.add(
        stalled.isEmpty()
            ? "Beside the slow client the others keep %s %% or more of their echoes (%s)"
                .formatted(Numbers.text(kept.get().smallest()), kept.get().nameOfSmallest())
            : "Beside the slow client echoes did not come back under "
                + String.join(", ", stalled));
    finding
        .figure(IN_SEND)
        .ifPresent(workers -> {
          parts.add(workers >= 0.5 && workers <= 1.5);
          said.add("in blocking %s worker sits in send".formatted(Numbers.text(workers)));
        });
    parts.add(oneThread.getAsDouble() > 0);
    said.add(
        "one thread with blocking calls answers "
            + (oneThread.getAsDouble() > 0 ? "nobody any more" : "all the same"));
    return Parts.verdict(said, parts);
  }

  private static List<String> stalledModels(Finding finding) {
    return finding.figures().stream()
        .filter(figure -> figure.id().startsWith(STALLED) && figure.value() > 0)
        .map(figure -> figure.id().substring(STALLED.length()))
        .filter(name -> !name.equals(ONE_THREAD))
        .toList();
  }
}
