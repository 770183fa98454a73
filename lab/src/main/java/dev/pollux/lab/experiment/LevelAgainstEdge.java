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
import dev.pollux.lab.service.Burst;
import dev.pollux.lab.service.Prober;
import dev.pollux.lab.worker.Worker;
import dev.pollux.lab.worker.WorkerOptions;
import dev.pollux.net.IoModel;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// Wake-ups and calls for the same work, level- and edge-triggered, and what a missed drain does.
public final class LevelAgainstEdge implements Experiment {
  private static final int BURST_BYTES = 4 * 1024 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration SETTLING = Duration.ofMillis(20);
  private static final int MOST_LOOKS = 10;

  private static final String MESSAGES = "messages";
  private static final String BURSTS = "bursts";
  private static final String[] COLUMNS = {
    "model", "wake-ups", "recv", "of these EAGAIN", "send, sendmsg", "epoll_ctl", "all calls"
  };

  @Override
  public String name() {
    return "edge";
  }

  @Override
  public String title() {
    return "Level against edge";
  }

  @Override
  public String question() {
    return "What does one save by being told of changes only, and what happens to somebody who does"
        + " not read all that is there?";
  }

  @Override
  public String claim() {
    return "Edge-triggered, the same work wakes no more often and changes no interest, at the price"
        + " of receives that say EAGAIN; but what was not drained is not told again.";
  }

  @Override
  public String method() {
    return "A server of each model that sends bytes back, with one loop, in another process;"
        + " what it calls is counted by its ledger. One client sends messages of 64 bytes,"
        + " each when the one before has come back; another sends "
        + BURST_BYTES / 1024 / 1024
        + " MiB and begins to read only 100 ms later, so that the server's output backs up. The"
        + " missed drain: a socket in an epoll of its own, 100 bytes arrive, 60 are read, and"
        + " epoll_wait is called again.";
  }

  @Override
  public String rule() {
    return "Four parts: (1) when 60 of 100 bytes are read, level-triggered epoll tells of the rest,"
        + " edge-triggered epoll is silent as long as one waits, and tells when 10 more arrive;"
        + " (2) per message of 64 bytes, epoll-et wakes at most 1.1 times as often as epoll;"
        + " (3) per burst, epoll calls epoll_ctl at least once and epoll-et never; (4) per message,"
        + " epoll-et receives more often than epoll.";
  }

  @Override
  public Duration estimate(Effort effort) {
    long perModel =
        switch (effort) {
          case TINY -> 1_200;
          case QUICK -> 550;
          case FULL -> 2_600;
        };
    return Duration.ofMillis(perModel * IoModel.values().length + 4L * waitMillis(effort));
  }

  private static int waitMillis(Effort effort) {
    return effort == Effort.FULL ? 1_000 : 200;
  }

  @Override
  public void measure(Bench bench, Notebook notebook) throws IOException, InterruptedException {
    bench.progress("a missed drain", 0);
    bench.attempt(notebook, "the missed drain", () -> missDrain(bench, notebook));
    notebook.table(MESSAGES, "Per message of 64 bytes, one at a time", COLUMNS);
    notebook.table(BURSTS, "Per burst of 4 MiB that is read late", COLUMNS);
    notebook.bars(
        "calls", "System calls per message of 64 bytes", Axis.linear("calls per message", ""));
    List<IoModel> models = bench.models();
    try (StandingWorker server =
        bench.standing(EchoServer.class, WorkerOptions.DEFAULT.onCore(0))) {
      bench.eachModel(
          notebook,
          (model, i) -> {
            bench.progress(model.word(), (i + 1.0) / (models.size() + 1));
            measure(model, server.get(), bench, notebook);
          });
    }
    notebook.remark(
        "nonblocking has no waits to compare: its attempts go on while nothing happens, and are"
            + " counted for as long as the work took.");
  }

  private static void missDrain(Bench bench, Notebook notebook) throws IOException {
    int waitMillis = waitMillis(bench.effort());
    List<MissedDrain.Step> level = MissedDrain.steps(false, waitMillis);
    List<MissedDrain.Step> edge = MissedDrain.steps(true, waitMillis);
    notebook.table(
        "missed-drain",
        "What epoll_wait tells of one socket",
        "what happened before",
        "bytes to be read",
        "level-triggered",
        "edge-triggered");
    for (int i = 0; i < level.size(); i++) {
      notebook.row(
          "missed-drain",
          level.get(i).after(),
          level.get(i).unread(),
          said(level.get(i)),
          said(edge.get(i)));
    }
    notebook.figure("level-tells-again", "level: told of what was left", told(level, 1), "");
    notebook.figure("edge-tells-again", "edge: told of what was left", told(edge, 1), "");
    notebook.figure("edge-tells-of-more", "edge: told when more arrived", told(edge, 2), "");
  }

  private static int told(List<MissedDrain.Step> steps, int index) {
    return steps.get(index).told() ? 1 : 0;
  }

  private static String said(MissedDrain.Step step) {
    return step.told()
        ? "ready"
        : "silent for %s ms".formatted(Numbers.text(Math.floor(step.waitedMicros() / 1e3)));
  }

  private static void measure(IoModel model, Worker server, Bench bench, Notebook notebook)
      throws IOException, InterruptedException {
    int messages = bench.pick(200, 1_000, 20_000);
    int bursts = bench.pick(1, 1, 10);
    int port =
        server
            .ask("open", Map.of("model", model.word(), "loops", 1), EchoServer.Opened.class)
            .port();
    try (Prober client = Prober.raw(port, 1, PATIENCE);
        Burst burst = Burst.raw(port, PATIENCE)) {
      // The first messages make the connections known to the loop.
      client.ask(messages / 10);
      burst.exchange(1);
      EchoServer.Counts start = settled(server);
      client.ask(messages);
      EchoServer.Counts afterMessages = settled(server);
      for (int i = 0; i < bursts; i++) {
        burst.exchange(BURST_BYTES);
      }
      EchoServer.Counts afterBursts = settled(server);
      Work perMessage = Work.between(start, afterMessages, messages);
      write(MESSAGES, model, perMessage, notebook);
      write(BURSTS, model, Work.between(afterMessages, afterBursts, bursts), notebook);
      notebook.bar("calls", model.word(), perMessage.calls());
    }
  }

  /// The counts when the server has come to rest; of a server that never rests, as they are then.
  private static EchoServer.Counts settled(Worker server) throws IOException, InterruptedException {
    EchoServer.Counts before = server.ask("counts", null, EchoServer.Counts.class);
    for (int i = 0; i < MOST_LOOKS; i++) {
      Thread.sleep(SETTLING);
      EchoServer.Counts now = server.ask("counts", null, EchoServer.Counts.class);
      if (now.calls().equals(before.calls())) {
        return now;
      }
      before = now;
    }
    return before;
  }

  private static void write(String table, IoModel model, Work work, Notebook notebook) {
    notebook.row(
        table,
        model.word(),
        work.wakeups(),
        work.receives(),
        work.wouldBlock(),
        work.sends(),
        work.interestChanges(),
        work.calls());
    String per = " per " + (table.equals(MESSAGES) ? "message" : "burst");
    String of = "-" + table + "-" + model.word();
    notebook.figure("wakeups" + of, model + ": wake-ups" + per, work.wakeups(), "");
    notebook.figure("recv" + of, model + ": receives" + per, work.receives(), "");
    notebook.figure("epoll_ctl" + of, model + ": epoll_ctl" + per, work.interestChanges(), "");
  }

  @Override
  public Verdict judge(Finding finding) {
    OptionalDouble levelAgain = finding.figure("level-tells-again");
    OptionalDouble edgeAgain = finding.figure("edge-tells-again");
    OptionalDouble edgeMore = finding.figure("edge-tells-of-more");
    OptionalDouble levelWakeups = of(finding, "wakeups", MESSAGES, IoModel.EPOLL);
    OptionalDouble edgeWakeups = of(finding, "wakeups", MESSAGES, IoModel.EPOLL_ET);
    OptionalDouble levelReceives = of(finding, "recv", MESSAGES, IoModel.EPOLL);
    OptionalDouble edgeReceives = of(finding, "recv", MESSAGES, IoModel.EPOLL_ET);
    OptionalDouble levelChanges = of(finding, "epoll_ctl", BURSTS, IoModel.EPOLL);
    OptionalDouble edgeChanges = of(finding, "epoll_ctl", BURSTS, IoModel.EPOLL_ET);
    if (levelAgain.isEmpty()
        || edgeAgain.isEmpty()
        || edgeMore.isEmpty()
        || levelChanges.isEmpty()
        || edgeChanges.isEmpty()) {
      return Verdict.notMeasured("both epoll and epoll-et are needed");
    }
    return Verdict.ofParts(
        "Of 40 bytes that were left, level-triggered epoll %s, edge-triggered epoll %s; per message epoll wakes and receives %s and %s times, epoll-et %s and %s; per burst epoll changes its interest %s times, epoll-et %s."
            .formatted(
                levelAgain.getAsDouble() > 0 ? "tells" : "does not tell",
                edgeAgain.getAsDouble() > 0 ? "tells too" : "does not",
                said(levelWakeups),
                said(levelReceives),
                said(edgeWakeups),
                said(edgeReceives),
                said(levelChanges),
                said(edgeChanges)),
        levelAgain.getAsDouble() > 0 && edgeAgain.getAsDouble() == 0 && edgeMore.getAsDouble() > 0,
        edgeWakeups.orElse(0) <= 1.1 * levelWakeups.orElse(0),
        levelChanges.getAsDouble() >= 1 && edgeChanges.getAsDouble() == 0,
        edgeReceives.orElse(0) > levelReceives.orElse(0));
  }

  private static OptionalDouble of(Finding finding, String what, String work, IoModel model) {
    return finding.figure(what + "-" + work + "-" + model.word());
  }

  private static String said(OptionalDouble number) {
    return number.isPresent() ? Numbers.text(number.getAsDouble()) : "unknown";
  }
}
