package dev.pollux.lab.experiment;

import dev.pollux.lab.Axis;
import dev.pollux.lab.Bench;
import dev.pollux.lab.Effort;
import dev.pollux.lab.Experiment;
import dev.pollux.lab.Finding;
import dev.pollux.lab.Notebook;
import dev.pollux.lab.Numbers;
import dev.pollux.lab.Point;
import dev.pollux.lab.Series;
import dev.pollux.lab.Verdict;
import dev.pollux.net.IoModel;
import dev.pollux.sys.SystemCall;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// What is handed to the kernel to wait, and how many system calls a message takes.
public final class Copied implements Experiment {
  private static final String BYTES = "bytes-per-wait";
  private static final String CALLS = "calls";
  private static final String BY_NAME = "calls-by-name";
  private static final int POLLFD_BYTES = 8;

  // select hands two bitmaps over, of a bit for each descriptor up to the highest.
  private static final double SELECT_BYTES = 2.0 / Byte.SIZE;
  private static final double MOST_CTL_PER_MESSAGE = 0.01;

  @Override
  public String name() {
    return "copied";
  }

  @Override
  public String title() {
    return "What is copied";
  }

  @Override
  public String question() {
    return "How much is handed to the kernel for one wait, and how many calls does a message take?";
  }

  @Override
  public String claim() {
    return "select and poll copy the whole list of descriptors to the kernel at each call; epoll"
        + " leaves it there.";
  }

  @Override
  public String method() {
    return "A server of each model with one loop holds N connections, of which one sends 64 bytes"
        + " and waits for the echo, again and again. Its own ledger counts every system call and"
        + " the bytes that say what to wait for: two bitmaps up to the highest descriptor under"
        + " select, eight bytes for each descriptor under poll. The calls for a message are counted"
        + " in the same way, with one client that talks and with 100 at once. For models that do"
        + " not wait by a call of this kind nothing is handed over.";
  }

  @Override
  public String rule() {
    return "Three parts: (1) at every N, poll hands over at least eight bytes for each connection"
        + " at each wait; (2) select at least two bits for each; (3) epoll hands nothing over to"
        + " wait, and calls epoll_ctl for less than one message in a hundred.";
  }

  @Override
  public Duration estimate(Effort effort) {
    return switch (effort) {
      case TINY -> Duration.ofSeconds(8);
      case QUICK -> Duration.ofSeconds(5);
      case FULL -> Duration.ofSeconds(42);
    };
  }

  @Override
  public void measure(Bench bench, Notebook notebook) throws IOException, InterruptedException {
    notebook.plot(
        BYTES,
        "Handed to the kernel for one wait",
        Axis.log("connections", ""),
        Axis.log("handed over", "bytes"));
    notebook.bars(
        CALLS + "-1", "System calls for a message, one client talks", Axis.linear("calls", ""));
    notebook.bars(
        CALLS + "-100",
        "System calls for a message, 100 clients talk at once",
        Axis.linear("calls", ""));
    notebook.table(
        BY_NAME,
        "Which calls a message takes, one client of the fewest talks",
        "model",
        "calls for a message");
    List<Integer> sizes =
        bench.pick(List.of(10, 50), List.of(100, 900), List.of(10, 100, 900, 5_000));
    List<IoModel> models = bench.models();
    remarkOnNio(notebook, models);
    try (EchoProcesses processes = EchoProcesses.inTurns(bench)) {
      bench.eachModel(
          notebook,
          (model, index) -> measure(bench, notebook, processes.open(model), sizes, index));
    }
  }

  /// Says what is not counted.
  static void remarkOnNio(Notebook notebook, List<IoModel> models) {
    if (models.contains(IoModel.NIO)) {
      notebook.remark("The calls with which the JDK's selector waits for nio are not counted.");
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
      Served.Sample one = served.sample(1, bench.pick(50, 80, 500));
      long waits = waits(one.after()) - waits(one.before());
      if (waits > 0) {
        double bytes = bytesToWait(one.after()) - bytesToWait(one.before());
        notebook.point(BYTES, word, wanted, bytes / waits);
      }
      if (s == 0) {
        notebook.bar(CALLS + "-1", word, callsPerMessage(one));
        notebook.row(BY_NAME, word, byName(one));
        notebook.figure(
            "ctl-" + word,
            "epoll_ctl for a message under " + word,
            perMessage(one, SystemCall.EPOLL_CTL.callName()),
            "");
      }
      if (s == Math.min(1, sizes.size() - 1)) {
        Served.Sample many = served.sample(Math.min(100, have), bench.pick(50, 80, 500));
        notebook.bar(CALLS + "-100", word, callsPerMessage(many));
      }
    }
  }

  private static long waits(EchoServer.Counts counts) {
    return counts.calls(SystemCall.SELECT)
        + counts.calls(SystemCall.POLL)
        + counts.calls(SystemCall.EPOLL_WAIT);
  }

  private static long bytesToWait(EchoServer.Counts counts) {
    return bytes(counts, SystemCall.SELECT) + bytes(counts, SystemCall.POLL);
  }

  private static long bytes(EchoServer.Counts counts, SystemCall call) {
    EchoServer.CallCounts of = counts.calls().get(call.callName());
    return of == null ? 0 : of.bytes();
  }

  private static double callsPerMessage(Served.Sample sample) {
    long calls = Work.calls(sample.after()) - Work.calls(sample.before());
    return (double) calls / sample.exchanged().messages();
  }

  private static double perMessage(Served.Sample sample, String call) {
    EchoServer.CallCounts after = sample.after().calls().get(call);
    EchoServer.CallCounts before = sample.before().calls().get(call);
    long calls = (after == null ? 0 : after.calls()) - (before == null ? 0 : before.calls());
    return (double) calls / sample.exchanged().messages();
  }

  private static String byName(Served.Sample sample) {
    StringBuilder names = new StringBuilder();
    for (String call : new TreeSet<>(sample.after().calls().keySet())) {
      double calls = perMessage(sample, call);
      if (calls >= MOST_CTL_PER_MESSAGE) {
        names.append(names.isEmpty() ? "" : ", ");
        names.append(Numbers.text(calls)).append(' ').append(call);
      }
    }
    return names.isEmpty() ? "none that the ledger knows" : names.toString();
  }

  @Override
  public Verdict judge(Finding finding) {
    Optional<Series> select = finding.plot(BYTES).flatMap(plot -> plot.series("select"));
    Optional<Series> poll = finding.plot(BYTES).flatMap(plot -> plot.series("poll"));
    Optional<Series> epoll = finding.plot(BYTES).flatMap(plot -> plot.series("epoll"));
    if (select.isEmpty()
        || poll.isEmpty()
        || epoll.isEmpty()
        || finding.figure("ctl-epoll").isEmpty()) {
      return Verdict.notMeasured("select, poll and epoll are needed");
    }
    Point most = poll.get().points().getLast();
    double ctl = finding.figure("ctl-epoll").getAsDouble();
    double byEpoll = epoll.get().points().stream().mapToDouble(Point::y).max().orElseThrow();
    String sentence =
        "With "
            + Numbers.text(most.x())
            + " connections poll hands "
            + Numbers.text(most.y())
            + " bytes to the kernel for one wait; select "
            + Numbers.text(select.get().points().getLast().y())
            + " with "
            + Numbers.text(select.get().points().getLast().x())
            + "; epoll "
            + Numbers.text(byEpoll)
            + ", and it calls epoll_ctl "
            + Numbers.text(ctl)
            + " times for a message.";
    return Verdict.ofParts(
        sentence,
        poll.get().points().stream().allMatch(point -> point.y() >= POLLFD_BYTES * point.x()),
        select.get().points().stream().allMatch(point -> point.y() >= SELECT_BYTES * point.x()),
        byEpoll == 0 && ctl < MOST_CTL_PER_MESSAGE);
  }
}
