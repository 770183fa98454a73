package dev.pollux.lab.experiment;

import dev.pollux.lab.Axis;
import dev.pollux.lab.Bench;
import dev.pollux.lab.Effort;
import dev.pollux.lab.Experiment;
import dev.pollux.lab.Finding;
import dev.pollux.lab.Notebook;
import dev.pollux.lab.Numbers;
import dev.pollux.lab.Series;
import dev.pollux.lab.Verdict;
import dev.pollux.lab.machine.ProcessFigures;
import dev.pollux.net.IoModel;
import dev.pollux.sys.SystemCall;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;

/// What a server burns while nothing happens, and how often it tries in vain.
public final class BusyWaiting implements Experiment {
  private static final String IDLE = "idle-cpu";
  private static final String ATTEMPTS = "attempts";
  private static final String NONBLOCKING = IoModel.NONBLOCKING.word();

  private static final double LEAST_BURNED_PERCENT = 50;
  private static final double MOST_IDLE_PERCENT = 5;
  private static final double LEAST_ATTEMPTS_PER_CONNECTION = 0.25;
  private static final double MOST_ATTEMPTS_OF_OTHERS = 2.5;

  @Override
  public String name() {
    return "busy";
  }

  @Override
  public String title() {
    return "Busy waiting";
  }

  @Override
  public String question() {
    return "What does a server burn while nothing happens, and how often does it try in vain?";
  }

  @Override
  public String claim() {
    return "One thread that tries every non-blocking socket in turn takes a whole CPU for nothing;"
        + " whoever waits in the kernel takes none.";
  }

  @Override
  public String method() {
    return "A server of each model with one loop, bound to one processor, holds N connections. For"
        + " a while nobody sends anything: shown is the CPU time of its process in percent of one"
        + " processor. Then one client sends 64 bytes, waits for the echo and sends again: shown is"
        + " how many receives the server tries for one that brings bytes, by its own ledger of"
        + " system calls. Models that make no receive calls of their own have no ledger of them.";
  }

  @Override
  public String rule() {
    return "Three parts, with the most connections: (1) nonblocking burns at least "
        + Numbers.text(LEAST_BURNED_PERCENT)
        + " % of a processor while nothing happens; (2) every other model burns at most "
        + Numbers.text(MOST_IDLE_PERCENT)
        + " %; (3) for each useful receive nonblocking tries at least a quarter as often as there"
        + " are connections, and every other model at most "
        + Numbers.text(MOST_ATTEMPTS_OF_OTHERS)
        + " times.";
  }

  @Override
  public Duration estimate(Effort effort) {
    return switch (effort) {
      case TINY -> Duration.ofSeconds(8);
      case QUICK -> Duration.ofSeconds(9);
      case FULL -> Duration.ofSeconds(60);
    };
  }

  @Override
  public void measure(Bench bench, Notebook notebook) throws IOException, InterruptedException {
    notebook.plot(
        IDLE,
        "CPU burned while nothing happens",
        Axis.log("connections", ""),
        Axis.linear("of one processor", "%"));
    notebook.plot(
        ATTEMPTS,
        "Receives tried for one that brings bytes",
        Axis.log("connections", ""),
        Axis.log("attempts", ""));
    List<Integer> sizes =
        bench.pick(List.of(1, 20), List.of(1, 1_000), List.of(1, 10, 100, 1_000, 4_000));
    try (EchoProcesses processes = EchoProcesses.inTurns(bench)) {
      bench.eachModel(
          notebook,
          (model, index) -> measure(bench, notebook, processes.open(model), sizes, index));
    }
  }

  private static void measure(
      Bench bench, Notebook notebook, Served served, List<Integer> sizes, int index)
      throws IOException, InterruptedException {
    String word = served.model().word();
    int have = 0;
    for (int s = 0; s < sizes.size(); s++) {
      int wanted = sizes.get(s);
      bench.progress(
          word + ", " + Numbers.text(wanted) + " connections",
          (index + (double) s / sizes.size()) / bench.models().size());
      if (!served.holds(have, wanted, notebook)) {
        return;
      }
      have = wanted;
      served.exchange(1, bench.pick(20, 20, 200));
      notebook.point(IDLE, word, wanted, idlePercent(served, bench.pick(100, 250, 500)));
      Served.Sample sample = served.sample(1, bench.pick(50, 80, 400));
      long tried = tried(sample.after()) - tried(sample.before());
      if (tried > 0) {
        notebook.point(ATTEMPTS, word, wanted, (double) tried / sample.exchanged().messages());
      }
    }
  }

  private static double idlePercent(Served served, int millis)
      throws IOException, InterruptedException {
    ProcessFigures before = served.figures();
    long begin = System.nanoTime();
    Thread.sleep(millis);
    long took = System.nanoTime() - begin;
    return 100.0 * served.figures().since(before).cpuNanos() / took;
  }

  private static long tried(EchoServer.Counts counts) {
    return counts.calls(SystemCall.RECV) + counts.calls(SystemCall.READ);
  }

  @Override
  public Verdict judge(Finding finding) {
    List<Series> idle = finding.plot(IDLE).map(plot -> plot.series()).orElse(List.of());
    List<Series> attempts = finding.plot(ATTEMPTS).map(plot -> plot.series()).orElse(List.of());
    OptionalDouble burned = lastOf(idle, NONBLOCKING);
    OptionalDouble tried = lastOf(attempts, NONBLOCKING);
    OptionalDouble burnedByOthers = mostOfOthers(idle);
    OptionalDouble triedByOthers = mostOfOthers(attempts);
    if (burned.isEmpty()
        || tried.isEmpty()
        || burnedByOthers.isEmpty()
        || triedByOthers.isEmpty()) {
      return Verdict.notMeasured("nonblocking and another model are needed");
    }
    double connections =
        attempts.stream()
            .filter(series -> series.name().equals(NONBLOCKING))
            .mapToDouble(series -> series.points().getLast().x())
            .findFirst()
            .orElseThrow();
    String sentence =
        "With "
            + Numbers.text(connections)
            + " connections and nothing to do, nonblocking burns "
            + Numbers.text(burned.getAsDouble())
            + " % of a processor and the others at most "
            + Numbers.text(burnedByOthers.getAsDouble())
            + " %; for each receive that brings bytes nonblocking tries "
            + Numbers.text(tried.getAsDouble())
            + " times, the others at most "
            + Numbers.text(triedByOthers.getAsDouble())
            + ".";
    return Verdict.ofParts(
        sentence,
        burned.getAsDouble() >= LEAST_BURNED_PERCENT,
        burnedByOthers.getAsDouble() <= MOST_IDLE_PERCENT,
        tried.getAsDouble() >= LEAST_ATTEMPTS_PER_CONNECTION * connections
            && triedByOthers.getAsDouble() <= MOST_ATTEMPTS_OF_OTHERS);
  }

  private static OptionalDouble lastOf(List<Series> all, String name) {
    return all.stream()
        .filter(series -> series.name().equals(name) && !series.points().isEmpty())
        .mapToDouble(series -> series.points().getLast().y())
        .findFirst();
  }

  private static OptionalDouble mostOfOthers(List<Series> all) {
    return all.stream()
        .filter(series -> !series.name().equals(NONBLOCKING) && !series.points().isEmpty())
        .mapToDouble(series -> series.points().getLast().y())
        .max();
  }
}
