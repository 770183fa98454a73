package dev.pollux.lab.experiment;

import dev.pollux.lab.Axis;
import dev.pollux.lab.Bench;
import dev.pollux.lab.Effort;
import dev.pollux.lab.Experiment;
import dev.pollux.lab.Finding;
import dev.pollux.lab.Notebook;
import dev.pollux.lab.Numbers;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/// One client that sends and does not read: what it does to the others, under each model.
public final class SlowClient implements Experiment {
  private static final int OTHERS = 4;
  private static final int SAMPLES = 20;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /// A median that is longer by more than this factor counts as held up.
  private static final double HELD_UP = 3;

  private static final String STALLED = "stalled-";
  private static final String ONE_THREAD = "one-thread";
  private static final String IN_SEND = "workers-in-send";
  private static final String RATIOS = "ratio";

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
    return "Three parts: (1) under every model all echoes come back, and their median is at most "
        + Numbers.text(HELD_UP)
        + " times what it was without the slow client; (2) in blocking one worker sits in send;"
        + " (3) one thread with blocking calls sends no echo any more.";
  }

  @Override
  public Duration estimate(Effort effort) {
    long perModel = 700 + 3 * timeOfAsking(effort).toMillis();
    return Duration.ofMillis(2_500 + perModel * (IoModel.values().length + 1));
  }

  private static Duration timeOfAsking(Effort effort) {
    return switch (effort) {
      case TINY -> Duration.ofMillis(150);
      case QUICK -> Duration.ofMillis(200);
      case FULL -> Duration.ofSeconds(2);
    };
  }

  private static Duration patienceOfEcho(Effort effort) {
    return effort == Effort.TINY ? Duration.ofSeconds(10) : Duration.ofSeconds(5);
  }

  @Override
  public void measure(Bench bench, Notebook notebook) throws IOException, InterruptedException {
    notebook.bars(
        "beside",
        "Median of an echo beside a client that reads nothing",
        Axis.log("median of an echo", "µs"));
    notebook.bars(
        RATIOS, "The same, compared with before", Axis.linear("times the median before", ""));
    notebook.table(
        "clients",
        "The others, before and beside",
        "model",
        "median before, µs",
        "median beside, µs",
        "99 % beside, µs",
        "longest beside, µs",
        "what the threads of the server do");
    List<IoModel> models = bench.models();
    try (Worker server = bench.start(WebSocketServer.class, WorkerOptions.DEFAULT.onCore(0))) {
      for (int i = 0; i < models.size(); i++) {
        bench.progress(models.get(i).word(), (double) i / (models.size() + 1));
        measure(models.get(i), server, bench, notebook);
      }
    }
    bench.progress("one blocking thread", (double) models.size() / (models.size() + 1));
    measureOneThread(bench, notebook);
  }

  private static void measure(IoModel model, Worker server, Bench bench, Notebook notebook)
      throws IOException, InterruptedException {
    Duration time = timeOfAsking(bench.effort());
    int port =
        server
            .ask(
                "open",
                Map.of("model", model.word(), "loops", 1, "backend", 0),
                WebSocketServer.Opened.class)
            .port();
    try (Prober others = Prober.webSocket(port, "/echo", OTHERS, patienceOfEcho(bench.effort()))) {
      others.askFor(time);
      Latencies before = others.askFor(time);
      try (StuckClient slow = StuckClient.webSocket(port, "/echo")) {
        slow.awaitStuck(PATIENCE);
        CompletableFuture<JsonNode> look =
            server.begin(
                "threads", Map.of("samples", SAMPLES, "everyMillis", time.toMillis() / SAMPLES));
        Latencies beside = others.askFor(time);
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
        before.cell(0.5),
        beside.cell(0.5),
        beside.cell(0.99),
        beside.cell(1),
        tally.text());
    notebook.figure(
        STALLED + model.word(),
        model.word() + ": echoes that did not come back",
        beside.stalled() ? 1 : 0,
        "");
    if (!beside.stalled()) {
      notebook.bar("beside", model.word(), beside.micros(0.5));
      notebook.bar(RATIOS, model.word(), beside.micros(0.5) / before.micros(0.5));
    }
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
        bench.pick(Duration.ofSeconds(1), Duration.ofSeconds(1), PATIENCE.dividedBy(10));
    try (Worker server = bench.start(OneBlockingThread.class, WorkerOptions.DEFAULT.onCore(0))) {
      int port = server.ask("open", null, Integer.class);
      try (Prober others = Prober.raw(port, OTHERS, patience)) {
        Latencies before = others.askFor(timeOfAsking(bench.effort()));
        try (StuckClient slow = StuckClient.raw(port)) {
          slow.awaitStuck(PATIENCE);
          Latencies beside = others.ask(1);
          notebook.row(
              "clients",
              "one blocking thread",
              before.cell(0.5),
              beside.stalled() ? "no echo in " + patience.toMillis() + " ms" : beside.micros(0.5),
              null,
              null,
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
    Optional<Ratios> ratios = Ratios.of(finding, RATIOS);
    OptionalDouble oneThread = finding.figure(STALLED + ONE_THREAD);
    if (ratios.isEmpty() || oneThread.isEmpty()) {
      return Verdict.notMeasured("the clients were not asked beside a slow one");
    }
    List<String> stalled = stalledModels(finding);
    List<String> said = new ArrayList<>();
    List<Boolean> parts = new ArrayList<>();
    parts.add(stalled.isEmpty() && ratios.get().largest() <= HELD_UP);
    said.add(
        stalled.isEmpty()
            ? "beside the slow client the others' median is %s to %s times what it was (%s)"
                .formatted(
                    Numbers.text(ratios.get().smallest()),
                    Numbers.text(ratios.get().largest()),
                    ratios.get().nameOfLargest())
            : "beside the slow client echoes did not come back under "
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
