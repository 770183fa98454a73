package dev.pollux.lab.terminal;

import dev.pollux.lab.Effort;
import dev.pollux.lab.Experiment;
import dev.pollux.lab.Numbers;
import dev.pollux.lab.Progress;
import dev.pollux.lab.report.Entry;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Shows what the lab does: on a terminal a line that is written over, else a line at the beginning
/// and one at the end of each experiment.
///
/// ```
///   3/10  Cost against descriptors watched  ━━━━━━━━──────  58 %  poll, 4,000 watched  0:40 left of 3:10
/// ```
public final class LiveProgress implements Progress, AutoCloseable {
  private static final int BAR = 16;
  private static final int MILLIS_BETWEEN = 250;

  private final PrintWriter out;
  private final Style style;
  private final List<Experiment> experiments;
  private final Effort effort;
  private final LongSupplier nanoClock;
  private final Thread ticks;

  private int index;
  private int count;
  private @Nullable Experiment current;
  private long began;
  private String what = "";
  private double done;

  /// Shows a run of these experiments.
  public LiveProgress(
      PrintWriter out,
      Style style,
      List<Experiment> experiments,
      Effort effort,
      LongSupplier nanoClock) {
    this.out = out;
    this.style = style;
    this.experiments = List.copyOf(experiments);
    this.effort = effort;
    this.nanoClock = nanoClock;
    this.ticks = Thread.ofPlatform().daemon().name("progress").unstarted(this::tick);
    if (style.live()) {
      ticks.start();
    }
  }

  private void tick() {
    try {
      while (true) {
        Thread.sleep(MILLIS_BETWEEN);
        show();
      }
    } catch (InterruptedException e) {
      // It was closed.
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void began(Experiment experiment, int index, int count) {
    this.index = index;
    this.count = count;
    this.current = experiment;
    this.began = nanoClock.getAsLong();
    this.what = "starting";
    this.done = 0;
    if (!style.live()) {
      out.println(place() + experiment.title() + ", about " + Numbers.clock(estimate(experiment)));
      out.flush();
    }
  }

  @Override
  public synchronized void measuring(String what, double done) {
    this.what = what;
    this.done = done;
    show();
  }

  @Override
  public synchronized void ended(Entry entry) {
    current = null;
    String verdict = entry.verdict().outcome().words();
    out.println(
        (style.live() ? style.lineAgain() : "")
            + place()
            + entry.title()
            + ": "
            + style.outcome(entry.verdict().outcome(), verdict)
            + entry.finding().failures().stream()
                .map(failure -> ", without " + failure.what())
                .collect(Collectors.joining())
            + style.dim(", " + Numbers.clock(entry.seconds())));
    out.flush();
  }

  private synchronized void show() {
    Experiment experiment = current;
    if (!style.live() || experiment == null) {
      return;
    }
    String line = line(experiment);
    out.print(style.lineAgain() + line.substring(0, Math.min(line.length(), style.width() - 1)));
    out.flush();
  }

  private String line(Experiment experiment) {
    double spent = (nanoClock.getAsLong() - began) / 1e9;
    double left = secondsLeft(estimate(experiment), spent, done);
    double others = experiments.stream().skip(index + 1L).mapToDouble(this::estimate).sum();
    int full = (int) Math.round(BAR * done);
    return place()
        + experiment.title()
        + "  "
        + "━".repeat(full)
        + "─".repeat(BAR - full)
        + "  "
        + Math.round(100 * done)
        + " %  "
        + Numbers.clock(left)
        + " left"
        + (others > 0 ? ", " + Numbers.clock(left + others) + " in all" : "")
        + "  "
        + what;
  }

  /// What is left of an experiment: by its estimate at first, by its own pace as it advances.
  static double secondsLeft(double estimate, double spent, double done) {
    double byEstimate = Math.max(0, estimate - spent);
    if (done <= 0) {
      return byEstimate;
    }
    double byPace = spent / done * (1 - done);
    return done * byPace + (1 - done) * byEstimate;
  }

  private double estimate(Experiment experiment) {
    return experiment.estimate(effort).toMillis() / 1e3;
  }

  private String place() {
    return (index + 1) + "/" + count + "  ";
  }

  @Override
  public void close() {
    ticks.interrupt();
  }
}
