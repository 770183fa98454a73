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
import dev.pollux.lab.service.Prober;
import dev.pollux.lab.service.SlowAsker;
import dev.pollux.lab.service.SlowBackend;
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

  /// Less than this part of the echoes counts as held up. Their number and not their median: a
  /// client that waits for one echo at a time asks little while it is held up, and often
  /// afterwards.
  private static final double HELD_UP = 10;

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
        + " every other loop is in one wait in most looks; (4) with offload the others keep"
        + " at least "
        + Numbers.text(HELD_UP)
        + " % of their echoes on every model, and beside a loop that waits itself they do not;"
        + " (5) answers of offloaded work come in the"
        + " order of the questions, and on average more than half a thread sits in read for"
        + " them.";
  }

  @Override
  public Duration estimate(Effort effort) {
    long perModel = 500 + 3L * spans(effort) * span(effort).toMillis();
    return Duration.ofMillis(1_500 + perModel * (IoModel.values().length + 1));
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

  @Override
  public void measure(Bench bench, Notebook notebook) throws IOException, InterruptedException {
    begin(notebook);
    notebook.remark(
        "Whether epoll is asynchronous is disputed. By what it is to the program, which asks for no"
            + " client in particular and goes by notifications, it is asynchronous, and blocking"
            + " while there is none. By POSIX and Stevens, who look at the transfer, it is"
            + " synchronous, because the thread itself calls recv afterwards and is held while the"
            + " bytes are copied.");
    try (StandingWorker backend = bench.standing(SlowBackend.class, WorkerOptions.DEFAULT);
        StandingWorker server =
            bench.standing(WebSocketServer.class, WorkerOptions.DEFAULT.onCore(0))) {
      List<IoModel> models = bench.models();
      if (!models.isEmpty()) {
        // Once in vain: the first round pays for the start of the JVM.
        bench.progress("warming up", 0);
        Notebook unread = new Notebook();
        begin(unread);
        IoModel first = models.getFirst();
        bench.attempt(unread, "", () -> measure(first, server.get(), backend.get(), bench, unread));
      }
      bench.eachModel(
          notebook,
          (model, i) -> {
            bench.progress(model.word(), (double) i / models.size());
            measure(model, server.get(), backend.get(), bench, notebook);
          });
    }
  }

  private static void begin(Notebook notebook) {
    notebook.table(
        "quadrants",
        "What the threads do while " + CLIENTS + " clients say nothing",
        "model",
        "threads that called their handlers",
        "what the threads of the server do",
        "where that belongs");
    Axis kept = Axis.linear("of their echoes alone", "%");
    String title = "What the others keep of their echoes while one client waits for slow answers, ";
    notebook.bars("here", title + "in the handler", kept);
    notebook.bars("away", title + "by offload", kept);
    notebook.table(
        "offload",
        "The others, while answers take " + DELAY_MILLIS + " ms",
        "model",
        "echoes in a second, alone",
        "waiting in the handler",
        "by offload",
        "99 % in the handler, µs",
        "99 % by offload, µs",
        "who waits for the back-end, by offload");
  }

  private static void measure(
      IoModel model, Worker server, Worker backend, Bench bench, Notebook notebook)
      throws IOException, InterruptedException {
    int backendPort = backend.ask("open", null, Integer.class);
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
      offload(model, port, server, others, bench.effort(), notebook);
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
      IoModel model, int port, Worker server, Prober others, Effort effort, Notebook notebook)
      throws IOException, InterruptedException {
    int spans = spans(effort);
    Duration span = span(effort);
    Latencies alone = others.bestOf(spans, span);
    Latencies here;
    try (SlowAsker asker = startAsking(port, "/slow")) {
      here = others.bestOf(spans, span);
      asker.answers();
    }
    Latencies away;
    ThreadTally tally;
    try (SlowAsker asker = startAsking(port, "/slow?away")) {
      CompletableFuture<Optional<Serializable>> looking =
          server.begin("threads", sampling((int) (spans * span.toMillis() / EVERY_MILLIS / 2)));
      away = others.bestOf(spans, span);
      tally = server.await(looking, PATIENCE, ThreadTally.class);
      asker.answers();
    }
    notebook.bar("here", model.word(), 100 * here.perSecond() / alone.perSecond());
    notebook.bar("away", model.word(), 100 * away.perSecond() / alone.perSecond());
    notebook.row(
        "offload",
        model.word(),
        alone.perSecond(),
        here.perSecond(),
        away.perSecond(),
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
              "The workers of blocking were in recv in %.0f %% of the looks".formatted(percent));
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
    double mostHere = Double.NEGATIVE_INFINITY;
    double leastInRead = Double.POSITIVE_INFINITY;
    boolean orderly = true;
    for (IoModel model : IoModel.values()) {
      String word = model.word();
      OptionalDouble here = finding.bar("here", word);
      if (model.usesLoops() && here.isPresent()) {
        mostHere = Math.max(mostHere, here.getAsDouble());
      }
      OptionalDouble inRead = finding.figure(IN_READ + word);
      leastInRead = Math.min(leastInRead, inRead.orElse(Double.POSITIVE_INFINITY));
      orderly &= finding.figure("in-order-" + word).orElse(1) == 1;
    }
    parts.add(away.smallest() >= HELD_UP && mostHere < HELD_UP);
    said.add(
        "beside slow answers of %d ms the others keep %s %% of their echoes with offload (%s), and %s on a loop that waits itself"
            .formatted(
                DELAY_MILLIS,
                Numbers.text(away.smallest()),
                away.nameOfSmallest(),
                Double.isInfinite(mostHere)
                    ? "an unknown part"
                    : Numbers.text(mostHere) + " % at most"));
    parts.add(orderly && leastInRead > 0.5);
    said.add(
        "answers of offloaded work %s in order, while at least %s other threads sit in read"
            .formatted(orderly ? "come" : "do not come", Numbers.text(leastInRead)));
  }
}
