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
import dev.pollux.lab.service.Prober;
import dev.pollux.lab.service.SlowAsker;
import dev.pollux.lab.service.SlowBackend;
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
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/// The four quadrants, by what the threads of each model are seen to do, and the offload pattern
/// with really blocking I/O on the loop and away from it.
public final class AsynchronousAndBlocking implements Experiment {
  private static final int CLIENTS = 4;
  private static final int WARM_UP = 200;
  private static final int SAMPLES = 20;
  private static final int EVERY_MILLIS = 10;
  private static final int DELAY_MILLIS = 50;
  private static final List<Long> DESCENDING = List.of(60L, 40L, 20L, 0L);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final String IN_READ = "offload-in-read-";

  /// A median above this part of the back-end's time counts as held up by it.
  private static final double HELD_UP_MICROS = DELAY_MILLIS * 1e3 / 4;

  @Override
  public String name() {
    return "quadrants";
  }

  @Override
  public String title() {
    return "Asynchronous and blocking";
  }

  @Override
  public String question() {
    return "What is the thread of each model doing while nothing happens, and who is held up when a"
        + " handler has to wait for something slow?";
  }

  @Override
  public String claim() {
    return "blocking sits in recv, nonblocking never waits, a multiplexer waits for all clients in"
        + " one call; and a loop that hands blocking work to another thread and is told the result"
        + " later holds up nobody.";
  }

  @Override
  public String method() {
    return "A WebSocket server of each model with one loop, in another process, with "
        + CLIENTS
        + " clients that say nothing: its threads are looked at "
        + SAMPLES
        + " times in /proc/self/task/*/syscall. Then a client asks for answers that come, by"
        + " blocking sockets, from a back-end that takes "
        + DELAY_MILLIS
        + " ms, one after the other: in the handler itself, and by offload. Meanwhile the others"
        + " are asked for echoes of 64 bytes.";
  }

  @Override
  public String rule() {
    return "Five parts, each as far as the models were measured: (1) workers of blocking are in"
        + " recv in most looks; (2) the loop of nonblocking is running in most looks; (3)"
        + " every other loop is in one wait in most looks; (4) with offload the others'"
        + " median stays below a quarter of the back-end's time on every model, and on a"
        + " loop that waits itself it does not; (5) answers of offloaded work come in the"
        + " order of the questions, and on average more than half a thread sits in read for"
        + " them.";
  }

  @Override
  public Duration estimate(Effort effort) {
    long perModel = 700 + 3 * timeOfAsking(effort).toMillis();
    return Duration.ofMillis(2_000 + perModel * IoModel.values().length);
  }

  private static Duration timeOfAsking(Effort effort) {
    return switch (effort) {
      case TINY -> Duration.ofMillis(250);
      case QUICK -> Duration.ofMillis(250);
      case FULL -> Duration.ofSeconds(2);
    };
  }

  @Override
  public void measure(Bench bench, Notebook notebook) throws IOException, InterruptedException {
    notebook.table(
        "quadrants",
        "What the threads do while " + CLIENTS + " clients say nothing",
        "model",
        "threads that called their handlers",
        "what the threads of the server do",
        "where that belongs");
    String title = "Median of the others' echoes while one client waits for slow answers, ";
    notebook.bars("here", title + "in the handler", Axis.log("median of an echo", "µs"));
    notebook.bars("away", title + "by offload", Axis.log("median of an echo", "µs"));
    notebook.table(
        "offload",
        "The others, while answers take " + DELAY_MILLIS + " ms",
        "model",
        "median alone, µs",
        "median, waiting in the handler, µs",
        "median, offload, µs",
        "99 %, waiting in the handler, µs",
        "99 %, offload, µs",
        "who waits for the back-end, by offload");
    notebook.remark(
        "Whether epoll is asynchronous is disputed. By what it is to the program, which asks for no"
            + " client in particular and goes by notifications, it is asynchronous, and blocking"
            + " while there is none. By POSIX and Stevens, who look at the transfer, it is"
            + " synchronous, because the thread itself calls recv afterwards and is held while the"
            + " bytes are copied.");
    try (Worker backend = bench.start(SlowBackend.class);
        Worker server = bench.start(WebSocketServer.class, WorkerOptions.DEFAULT.onCore(0))) {
      int backendPort = backend.ask("open", null, Integer.class);
      List<IoModel> models = bench.models();
      for (int i = 0; i < models.size(); i++) {
        bench.progress(models.get(i).word(), (double) i / models.size());
        measure(models.get(i), server, backendPort, bench, notebook);
      }
    }
  }

  private static void measure(
      IoModel model, Worker server, int backendPort, Bench bench, Notebook notebook)
      throws IOException, InterruptedException {
    int port =
        server
            .ask(
                "open",
                Map.of("model", model.word(), "loops", 1, "backend", backendPort),
                WebSocketServer.Opened.class)
            .port();
    try (Prober others = Prober.webSocket(port, "/who", CLIENTS, PATIENCE)) {
      others.ask(WARM_UP);
      look(model, server, notebook);
      offload(model, port, server, others, timeOfAsking(bench.effort()), notebook);
    }
  }

  private static void look(IoModel model, Worker server, Notebook notebook)
      throws IOException, InterruptedException {
    int callers = server.ask("callers", null, Integer.class);
    ThreadTally tally = server.ask("threads", sampling(SAMPLES), ThreadTally.class);
    notebook.row(
        "quadrants",
        model.word(),
        callers,
        tally.text(),
        Quadrant.of(tally, CLIENTS, callers).words());
    share("in-recv-", "workers in recv", tally.share("client", "recv"), model, notebook);
    share("running-", "loops running", tally.share("loop", ThreadTally.RUNNING), model, notebook);
    share("waiting-", "loops in their wait", Quadrant.waiting(tally), model, notebook);
  }

  private static void share(
      String id, String what, double share, IoModel model, Notebook notebook) {
    notebook.figure(id + model.word(), model + ": " + what, 100 * share, "%");
  }

  private static Map<String, Integer> sampling(int samples) {
    return Map.of("samples", samples, "everyMillis", EVERY_MILLIS);
  }

  private static void offload(
      IoModel model, int port, Worker server, Prober others, Duration time, Notebook notebook)
      throws IOException, InterruptedException {
    Latencies alone = others.askFor(time);
    Latencies here;
    try (SlowAsker asker = startAsking(port, "/slow")) {
      here = others.askFor(time);
      asker.answers();
    }
    Latencies away;
    ThreadTally tally;
    try (SlowAsker asker = startAsking(port, "/slow?away")) {
      CompletableFuture<JsonNode> looking =
          server.begin("threads", sampling((int) (time.toMillis() / EVERY_MILLIS / 2)));
      away = others.askFor(time);
      tally = server.await(looking, PATIENCE, ThreadTally.class);
      asker.answers();
    }
    notebook.bar("here", model.word(), here.micros(0.5));
    notebook.bar("away", model.word(), away.micros(0.5));
    notebook.row(
        "offload",
        model.word(),
        alone.cell(0.5),
        here.cell(0.5),
        away.cell(0.5),
        here.cell(0.99),
        away.cell(0.99),
        tally.text());
    notebook.figure(
        IN_READ + model.word(),
        model + ": other threads that sit in read for it, on average",
        tally.threads("offload") * tally.share("offload", "read"),
        "");
    boolean inOrder = SlowAsker.answersTo(port, DESCENDING).equals(DESCENDING);
    notebook.figure("in-order-" + model.word(), model + ": answers in order", inOrder ? 1 : 0, "");
  }

  /// Returns when the first answer has come: from then on somebody is always waiting.
  private static SlowAsker startAsking(int port, String target)
      throws IOException, InterruptedException {
    SlowAsker asker = SlowAsker.start(port, target, Duration.ofMillis(DELAY_MILLIS));
    try {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (asker.answers() == 0) {
        if (System.nanoTime() - deadline > 0) {
          throw new IOException("no slow answer came in " + PATIENCE.toSeconds() + " s");
        }
        Thread.sleep(EVERY_MILLIS);
      }
      return asker;
    } catch (IOException | InterruptedException e) {
      asker.close();
      throw e;
    }
  }

  @Override
  public Verdict judge(Finding finding) {
    List<String> said = new ArrayList<>();
    List<Boolean> parts = new ArrayList<>();
    finding
        .figure("in-recv-" + IoModel.BLOCKING.word())
        .ifPresent(percent -> {
          parts.add(percent > 50);
          said.add(
              "the workers of blocking were in recv in %.0f %% of the looks".formatted(percent));
        });
    finding
        .figure("running-" + IoModel.NONBLOCKING.word())
        .ifPresent(percent -> {
          parts.add(percent > 50);
          said.add("the loop of nonblocking was running in %.0f %%".formatted(percent));
        });
    judgeWaits(finding, said, parts);
    judgeOffload(finding, said, parts);
    return parts.isEmpty()
        ? Verdict.notMeasured("no model was looked at")
        : Parts.verdict(said, parts);
  }

  private static List<IoModel> loops(Finding finding, String figure) {
    List<IoModel> measured = new ArrayList<>();
    for (IoModel model : IoModel.values()) {
      if (model.usesLoops() && finding.figure(figure + model.word()).isPresent()) {
        measured.add(model);
      }
    }
    return measured;
  }

  private static void judgeWaits(Finding finding, List<String> said, List<Boolean> parts) {
    List<IoModel> others = loops(finding, "waiting-");
    others.remove(IoModel.NONBLOCKING);
    others.stream()
        .mapToDouble(model -> finding.figure("waiting-" + model.word()).orElse(0))
        .min()
        .ifPresent(least -> {
          parts.add(least > 50);
          said.add("every other loop was in one wait in at least %.0f %%".formatted(least));
        });
  }

  private static void judgeOffload(Finding finding, List<String> said, List<Boolean> parts) {
    Ratios away = Ratios.of(finding, "away").orElse(null);
    if (away == null) {
      return;
    }
    double leastHere = Double.POSITIVE_INFINITY;
    double leastInRead = Double.POSITIVE_INFINITY;
    boolean orderly = true;
    for (IoModel model : IoModel.values()) {
      String word = model.word();
      OptionalDouble here = finding.bar("here", word);
      if (model.usesLoops() && here.isPresent()) {
        leastHere = Math.min(leastHere, here.getAsDouble());
      }
      OptionalDouble inRead = finding.figure(IN_READ + word);
      leastInRead = Math.min(leastInRead, inRead.orElse(Double.POSITIVE_INFINITY));
      orderly &= finding.figure("in-order-" + word).orElse(1) == 1;
    }
    parts.add(away.largest() < HELD_UP_MICROS && leastHere >= HELD_UP_MICROS);
    said.add(
        "beside slow answers of %d ms the others' median is %s µs with offload (%s), and %s on a loop that waits itself"
            .formatted(
                DELAY_MILLIS,
                Numbers.text(away.largest()),
                away.nameOfLargest(),
                Double.isInfinite(leastHere)
                    ? "not measured"
                    : Numbers.text(leastHere) + " µs or more"));
    parts.add(orderly && leastInRead > 0.5);
    said.add(
        "answers of offloaded work %s in order, while at least %s other threads sit in read"
            .formatted(orderly ? "come" : "do not come", Numbers.text(leastInRead)));
  }
}
