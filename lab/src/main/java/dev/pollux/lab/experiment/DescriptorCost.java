package dev.pollux.lab.experiment;

import dev.pollux.lab.Axis;
import dev.pollux.lab.Bench;
import dev.pollux.lab.Effort;
import dev.pollux.lab.Experiment;
import dev.pollux.lab.Finding;
import dev.pollux.lab.Notebook;
import dev.pollux.lab.Numbers;
import dev.pollux.lab.Verdict;
import dev.pollux.lab.worker.Worker;
import dev.pollux.lab.worker.WorkerOptions;
import dev.pollux.net.IoModel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// What an event costs when many descriptors are watched and few, some or all of them are ready.
public final class DescriptorCost implements Experiment {
  private static final int ALL = 0;
  private static final String WAIT = "wait-1";

  // A loop over all that is watched costs what the compiler makes of it: in a quick run as well.
  private static final WorkerOptions BARE_CALLS =
      WorkerOptions.DEFAULT.onCore(0).withJvmArgument("-XX:TieredStopAtLevel=4");

  // The lowest and the highest number between which the rule compares.
  private static final double FEW = 100;
  private static final double SELECT_MOST = 1_000;

  // MISSION: the cost of an event under epoll grows less than three times; so must the wait.
  private static final double MOST_GROWTH_OF_EPOLL = 3;
  // What scans everything grows with the number watched; a quarter of it leaves room for what a
  // call costs by itself.
  private static final double LEAST_SHARE_OF_GROWTH = 0.25;

  @Override
  public String name() {
    return "descriptors";
  }

  @Override
  public String title() {
    return "Cost against descriptors watched";
  }

  @Override
  public String question() {
    return "What does an event cost when 10, 1,000 or 19,000 descriptors are watched?";
  }

  @Override
  public String claim() {
    return "select and poll pay for every descriptor that is watched, at each call; epoll pays for"
        + " those that are ready.";
  }

  @Override
  public String method() {
    return "Of N sockets, A are made readable by a byte; one way of waiting finds out which, and"
        + " they are read; then again with others. That is the experiment with which libevent and"
        + " libev were compared. The sockets are UDP and connected to themselves, so that one"
        + " process can watch nearly as many as it may have descriptors. Only the bare calls are"
        + " measured, without an engine around them; for io_uring a ring with a poll on each"
        + " descriptor that stays in it (multishot). The cost of an event is the CPU time of the"
        + " whole round, a send, its part of the wait, a receive, divided by A (something is ready"
        + " whenever it waits, so that nothing sleeps); the wait is measured by itself as well,"
        + " with what the program has to look through afterwards. The models take turns in slices"
        + " of time, and medians are shown. Then the engines themselves: a server"
        + " of each model with N connections, of which one sends 64 bytes and waits for the echo,"
        + " again and again; shown is the server's CPU time for each message.";
  }

  @Override
  public String rule() {
    return "Four parts. From "
        + Numbers.text(FEW)
        + " descriptors watched to the most that were, with one of them ready: (1) the wait of"
        + " epoll grows less than "
        + Numbers.text(MOST_GROWTH_OF_EPOLL)
        + " times; (2) the wait of poll grows by at least a quarter of the factor by which the"
        + " descriptors do; (3) so does that of select, up to "
        + Numbers.text(SELECT_MOST)
        + "; (4) at the most, an event under poll costs at least ten times what it costs under"
        + " epoll.";
  }

  @Override
  public Duration estimate(Effort effort) {
    return switch (effort) {
      case TINY -> Duration.ofSeconds(5);
      case QUICK -> Duration.ofSeconds(14);
      case FULL -> Duration.ofSeconds(105);
    };
  }

  @Override
  public void measure(Bench bench, Notebook notebook) throws IOException, InterruptedException {
    notebook.plot(
        WAIT,
        "One wait, one descriptor ready",
        Axis.log("descriptors watched", ""),
        Axis.log("one wait", "µs"));
    for (int active : List.of(1, 10, 100, ALL)) {
      notebook.plot(
          plot(active),
          "An event, " + (active == ALL ? "all" : Integer.toString(active)) + " ready at once",
          Axis.log("descriptors watched", ""),
          Axis.log("an event", "µs"));
    }
    bench.attempt(notebook, "the bare calls", () -> bareCalls(bench, notebook));
    engines(bench, notebook);
  }

  private static String plot(int active) {
    return active == ALL ? "event-all" : "event-" + active;
  }

  // The bare calls

  private static void bareCalls(Bench bench, Notebook notebook)
      throws IOException, InterruptedException {
    List<String> models =
        bench.models().stream().filter(Waiter::isThereFor).map(IoModel::word).toList();
    if (models.isEmpty()) {
      notebook.remark("None of these models waits for many descriptors by one call.");
      return;
    }
    remarkOnOthers(notebook, bench.models());
    List<Integer> sizes = sizes(bench);
    try (Worker worker = bench.start(WatchBench.class, BARE_CALLS)) {
      warmUp(bench, worker, models);
      int steps = sizes.size() * 4;
      int step = 0;
      for (int watched : sizes) {
        worker.ask("sockets", Map.of("count", watched), Integer.class);
        for (int active : List.of(1, 10, 100, ALL)) {
          int ready = active == ALL ? watched : active;
          bench.progress(
              Numbers.text(ready) + " of " + Numbers.text(watched) + " ready",
              0.7 * step++ / steps);
          if (ready <= watched) {
            measureOne(bench, notebook, worker, models, watched, active);
          }
        }
      }
    }
    growth(notebook, sizes.getLast());
  }

  private static void remarkOnOthers(Notebook notebook, List<IoModel> models) {
    List<String> ofOneEach =
        models.stream()
            .filter(model -> model == IoModel.BLOCKING || model == IoModel.VIRTUAL)
            .map(IoModel::word)
            .toList();
    if (!ofOneEach.isEmpty()) {
      notebook.remark(
          "Each thread of " + String.join(" and ", ofOneEach) + " waits for one descriptor alone.");
    }
    if (models.contains(IoModel.NIO)) {
      notebook.remark(
          "The selector of nio takes the JDK's own channels only: no bare wait is shown for it.");
    }
  }

  private static List<Integer> sizes(Bench bench) {
    List<Integer> wanted =
        bench.pick(
            List.of(10, 100, 1_000),
            List.of(10, 100, 1_000, 19_000),
            List.of(10, 30, 100, 300, 1_000, 3_000, 10_000, 19_000));
    long most = WatchBench.mostSockets();
    List<Integer> possible = new ArrayList<>(wanted.stream().filter(n -> n <= most).toList());
    if (possible.size() < wanted.size() && most > possible.getLast()) {
      possible.add((int) most);
    }
    return possible;
  }

  private static void warmUp(Bench bench, Worker worker, List<String> models)
      throws IOException, InterruptedException {
    bench.progress("warming up", 0);
    int millis = bench.pick(20, 50, 1_000);
    worker.ask("sockets", Map.of("count", 100), Integer.class);
    for (int active : List.of(1, 100)) {
      rounds(worker, models, 100, active, millis, 2);
    }
  }

  private static void measureOne(
      Bench bench, Notebook notebook, Worker worker, List<String> models, int watched, int active)
      throws IOException, InterruptedException {
    WatchBench.Measured measured =
        rounds(
            worker,
            models,
            watched,
            active == ALL ? watched : active,
            bench.pick(6, 30, 160),
            bench.pick(1, 3, 5));
    for (String model : models) {
      WatchBench.Rounds rounds = measured.byModel().get(model);
      if (rounds == null) {
        notebook.remark(model + " cannot watch more: the descriptors are beyond FD_SETSIZE.");
        continue;
      }
      notebook.point(plot(active), model, watched, rounds.microsPerEvent());
      if (active == 1) {
        notebook.point(WAIT, model, watched, rounds.microsPerRound());
      }
    }
  }

  private static WatchBench.Measured rounds(
      Worker worker, List<String> models, int watched, int active, int millis, int slices)
      throws IOException, InterruptedException {
    return worker.ask(
        "rounds",
        Map.of(
            "models",
            models.toArray(String[]::new),
            "watched",
            watched,
            "active",
            active,
            "millis",
            millis,
            "slices",
            slices),
        WatchBench.Measured.class);
  }

  /// The numbers that the rule and a comparison look at.
  private static void growth(Notebook notebook, int most) {
    Finding finding = notebook.finding();
    crossing(finding, notebook);
    notebook.figure("most-watched", "most descriptors watched", most, "");
    for (IoModel model : IoModel.values()) {
      String word = model.word();
      int to = Waiter.highestDescriptor(model) < most ? (int) SELECT_MOST : most;
      OptionalDouble few = finding.at(WAIT, word, FEW);
      OptionalDouble many = finding.at(WAIT, word, to);
      if (few.isPresent() && many.isPresent()) {
        notebook.figure(
            "growth-" + word,
            "growth of " + word + "'s wait, " + Numbers.text(FEW) + " to " + Numbers.text(to),
            many.getAsDouble() / few.getAsDouble(),
            "times");
      }
      finding
          .at(plot(1), word, to)
          .ifPresent(micros ->
              notebook.figure(
                  "event-" + word,
                  "an event under " + word + ", 1 of " + Numbers.text(to) + " ready",
                  micros,
                  "µs"));
      finding
          .at(plot(ALL), word, 10)
          .ifPresent(micros ->
              notebook.figure(
                  "small-" + word, "an event under " + word + ", 10 of 10 ready", micros, "µs"));
    }
  }

  /// From how many watched on the newer way is the cheaper one, when one of them is ready.
  private static void crossing(Finding finding, Notebook notebook) {
    finding
        .plot(plot(1))
        .flatMap(plot -> plot.series("epoll"))
        .flatMap(epoll ->
            epoll.points().stream()
                .filter(
                    point -> finding.at(plot(1), "poll", point.x()).orElse(Double.NaN) >= point.y())
                .findFirst())
        .ifPresent(point ->
            notebook.figure(
                "crossing",
                "fewest watched at which epoll is no dearer than poll, 1 ready",
                point.x(),
                ""));
  }

  // The engines

  private static void engines(Bench bench, Notebook notebook)
      throws IOException, InterruptedException {
    notebook.plot(
        "engines",
        "The whole engine: one of N connections talks",
        Axis.log("connections", ""),
        Axis.log("server CPU for a message", "µs"));
    List<Integer> sizes =
        bench.pick(List.of(10, 50), List.of(100, 1_000), List.of(100, 1_000, 10_000));
    try (EchoProcesses processes = EchoProcesses.timed(bench, notebook)) {
      bench.eachModel(
          notebook, (model, index) -> engine(bench, notebook, processes.open(model), sizes, index));
    }
  }

  private static void engine(
      Bench bench, Notebook notebook, Served served, List<Integer> sizes, int index)
      throws IOException, InterruptedException {
    String word = served.model().word();
    int have = 0;
    for (int s = 0; s < sizes.size(); s++) {
      int wanted = sizes.get(s);
      bench.progress(
          word + " engine, " + Numbers.text(wanted) + " connections",
          0.7 + 0.3 * (index + (double) s / sizes.size()) / bench.models().size());
      if (!served.holds(have, wanted, notebook)) {
        return;
      }
      have = wanted;
      if (s == 0) {
        served.exchange(1, bench.pick(20, 100, 600));
      }
      Served.Sample sample = served.sample(1, bench.pick(50, 150, 600));
      notebook.point("engines", word, wanted, sample.cpuMicrosPerMessage());
    }
  }

  @Override
  public Verdict judge(Finding finding) {
    OptionalDouble most = finding.figure("most-watched");
    OptionalDouble epoll = finding.figure("growth-epoll");
    OptionalDouble poll = finding.figure("growth-poll");
    OptionalDouble select = finding.figure("growth-select");
    OptionalDouble epollEvent = finding.figure("event-epoll");
    OptionalDouble pollEvent = finding.figure("event-poll");
    if (most.isEmpty()
        || epoll.isEmpty()
        || poll.isEmpty()
        || select.isEmpty()
        || epollEvent.isEmpty()
        || pollEvent.isEmpty()) {
      return Verdict.notMeasured("select, poll and epoll are needed, with 100 watched and more");
    }
    double factor = most.getAsDouble() / FEW;
    double ratio = pollEvent.getAsDouble() / epollEvent.getAsDouble();
    String sentence =
        "From 100 to "
            + Numbers.text(most.getAsDouble())
            + " watched, one ready, the wait grows "
            + Numbers.text(epoll.getAsDouble())
            + " times under epoll and "
            + Numbers.text(poll.getAsDouble())
            + " times under poll ("
            + Numbers.text(select.getAsDouble())
            + " under select, to 1,000); at the most an event costs "
            + Numbers.text(ratio)
            + " times as much under poll."
            + withFew(finding);
    return Verdict.ofParts(
        sentence,
        epoll.getAsDouble() < MOST_GROWTH_OF_EPOLL,
        poll.getAsDouble() >= LEAST_SHARE_OF_GROWTH * factor,
        select.getAsDouble() >= LEAST_SHARE_OF_GROWTH * SELECT_MOST / FEW,
        ratio >= 10);
  }

  /// Where select and poll win.
  private static String withFew(Finding finding) {
    OptionalDouble select = finding.figure("small-select");
    OptionalDouble poll = finding.figure("small-poll");
    OptionalDouble epoll = finding.figure("small-epoll");
    if (select.isEmpty() || poll.isEmpty() || epoll.isEmpty()) {
      return "";
    }
    boolean epollIsDearest =
        epoll.getAsDouble() > select.getAsDouble() && epoll.getAsDouble() > poll.getAsDouble();
    return " With 10 watched and all of them ready "
        + (epollIsDearest ? "epoll is the dearest: " : "it is ")
        + Numbers.text(select.getAsDouble(), "µs")
        + " under select, "
        + Numbers.text(poll.getAsDouble(), "µs")
        + " under poll, "
        + Numbers.text(epoll.getAsDouble(), "µs")
        + " under epoll.";
  }
}
