package dev.pollux.lab.experiment;

import dev.pollux.lab.Axis;
import dev.pollux.lab.Bench;
import dev.pollux.lab.Effort;
import dev.pollux.lab.Experiment;
import dev.pollux.lab.Finding;
import dev.pollux.lab.Notebook;
import dev.pollux.lab.Numbers;
import dev.pollux.lab.Verdict;
import dev.pollux.net.IoModel;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// Calls per message against messages per call: what a model saves when many clients have something
/// to say at once.
public final class ReadinessAgainstCompletion implements Experiment {
  private static final String COMPLETION = "io_uring";
  private static final String CALLS = "calls";
  private static final int FEW = 1;

  /// The largest part of the calls of one client that may be left with many.
  private static final double LEFT = 0.25;

  /// Whether Pollux has a model that works by completions, so that there is something to compare.
  static boolean isThere() {
    return Arrays.stream(IoModel.values()).anyMatch(model -> model.word().equals(COMPLETION));
  }

  @Override
  public String name() {
    return "completion";
  }

  @Override
  public String title() {
    return "Readiness against completion";
  }

  @Override
  public String question() {
    return "How many system calls does a message cost when many clients speak at once?";
  }

  @Override
  public String claim() {
    return "Told of readiness, a server makes a call to receive and one to send for every message,"
        + " however many come at once; told of completions, it makes one call for a whole batch.";
  }

  @Override
  public String method() {
    return "A server of each model that sends bytes back, with one loop, on a processor of its own;"
        + " clients on another one send 64 bytes each and wait for the echo, again and again. The"
        + " server's ledger counts its calls. The clients that speak are varied.";
  }

  @Override
  public String rule() {
    return "Three parts: (1) epoll makes at least 2 calls per message, with one client and with"
        + " many; (2) io_uring makes less than 1 with many; (3) and at most "
        + Numbers.text(LEFT)
        + " times as many as with one client.";
  }

  @Override
  public Duration estimate(Effort effort) {
    long perModel =
        (effort == Effort.FULL ? 1_000 : 100)
            + clients(effort).size() * (millis(effort) * 3L / 2 + 50);
    return Duration.ofMillis(perModel * IoModel.values().length);
  }

  private static List<Integer> clients(Effort effort) {
    return switch (effort) {
      case TINY -> List.of(FEW, 64);
      case QUICK -> List.of(FEW, 16, 256);
      case FULL -> List.of(FEW, 16, 256);
    };
  }

  private static int millis(Effort effort) {
    return switch (effort) {
      case TINY -> 100;
      case QUICK -> 100;
      case FULL -> 1_000;
    };
  }

  @Override
  public void measure(Bench bench, Notebook notebook) throws IOException, InterruptedException {
    Axis x = Axis.log("clients that speak at once", "");
    notebook.plot(CALLS, "System calls per message", x, Axis.log("calls per message", ""));
    notebook.plot("cpu", "Server CPU per message", x, Axis.log("CPU per message", "µs"));
    List<IoModel> models = bench.models();
    if (models.stream().noneMatch(model -> model.word().equals(COMPLETION))) {
      notebook.remark(COMPLETION + " was not asked for, or does not work here.");
    }
    Copied.remarkOnNio(notebook, models);
    List<Integer> clients = clients(bench.effort());
    try (EchoProcesses processes = EchoProcesses.timed(bench, notebook)) {
      bench.eachModel(
          notebook,
          (model, index) ->
              measure(
                  processes.open(model), bench, clients, (double) index / models.size(), notebook));
    }
  }

  private static void measure(
      Served served, Bench bench, List<Integer> clients, double done, Notebook notebook)
      throws IOException, InterruptedException {
    String model = served.model().word();
    int millis = millis(bench.effort());
    int connected = 0;
    for (int active : clients) {
      bench.progress("%s, %d clients".formatted(model, active), done);
      connected = served.connect(connected, active).held();
      served.exchange(active, millis / 2);
      Served.Sample sample = served.sample(active, millis);
      double messages = sample.exchanged().messages();
      long calls = Work.calls(sample.after()) - Work.calls(sample.before());
      notebook.point(CALLS, model, active, calls / messages);
      notebook.point("cpu", model, active, sample.cpuMicrosPerMessage());
      notebook.figure(
          "messages-per-call-" + active + "-" + model,
          "%s: messages per call, %d clients".formatted(model, active),
          messages / calls,
          "");
    }
  }

  @Override
  public Verdict judge(Finding finding) {
    Optional<Integer> many = most(finding);
    if (many.isEmpty()) {
      return Verdict.notMeasured(COMPLETION + " was not asked for, or does not work here");
    }
    OptionalDouble epollFew = finding.at(CALLS, IoModel.EPOLL.word(), FEW);
    OptionalDouble epollMany = finding.at(CALLS, IoModel.EPOLL.word(), many.get());
    OptionalDouble ringFew = finding.at(CALLS, COMPLETION, FEW);
    OptionalDouble ringMany = finding.at(CALLS, COMPLETION, many.get());
    if (epollFew.isEmpty() || epollMany.isEmpty() || ringFew.isEmpty() || ringMany.isEmpty()) {
      return Verdict.notMeasured("epoll and " + COMPLETION + " are needed");
    }
    return Verdict.ofParts(
        "With 1 and with %d clients a message costs epoll %s and %s calls, and io_uring %s and %s: %s messages per call."
            .formatted(
                many.get(),
                Numbers.text(epollFew.getAsDouble()),
                Numbers.text(epollMany.getAsDouble()),
                Numbers.text(ringFew.getAsDouble()),
                Numbers.text(ringMany.getAsDouble()),
                Numbers.text(1 / ringMany.getAsDouble())),
        epollFew.getAsDouble() >= 2 && epollMany.getAsDouble() >= 2,
        ringMany.getAsDouble() < 1,
        ringMany.getAsDouble() <= LEFT * ringFew.getAsDouble());
  }

  /// The most clients with which the model of completions was measured, if more than one.
  private static Optional<Integer> most(Finding finding) {
    return finding
        .plot(CALLS)
        .flatMap(plot -> plot.series(COMPLETION))
        .filter(series -> !series.points().isEmpty())
        .map(series -> (int) series.points().getLast().x())
        .filter(clients -> clients > FEW);
  }
}
