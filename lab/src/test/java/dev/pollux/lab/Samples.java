package dev.pollux.lab;

import dev.pollux.lab.machine.Machine;
import dev.pollux.lab.report.Entry;
import dev.pollux.lab.report.Report;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Experiments and reports of invented figures.
public final class Samples {
  private Samples() {}

  /// What a test experiment does when it measures.
  @FunctionalInterface
  public interface Measuring {
    void measure(Bench bench, Notebook notebook) throws Exception;
  }

  /// An experiment that holds if it has a figure `good` of 1.
  public static Experiment experiment(String name, Measuring measuring) {
    return new Experiment() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public String title() {
        return "Title of " + name;
      }

      @Override
      public String question() {
        return "Is <b>" + name + "</b> so?";
      }

      @Override
      public String claim() {
        return "It is so.";
      }

      @Override
      public String method() {
        return "By looking.";
      }

      @Override
      public String rule() {
        return "Holds if good is 1.";
      }

      @Override
      public Duration estimate(Effort effort) {
        return Duration.ofSeconds(10);
      }

      @Override
      public void measure(Bench bench, Notebook notebook) throws Exception {
        measuring.measure(bench, notebook);
      }

      @Override
      public Verdict judge(Finding finding) {
        if (finding.figure("good").isEmpty()) {
          return Verdict.notMeasured("there is no figure");
        }
        return Verdict.ofParts("good is there", finding.figure("good").getAsDouble() == 1);
      }
    };
  }

  /// A notebook with something of every kind, also what HTML and JSON have to escape.
  public static Notebook notebook(double factor) {
    Notebook notebook = new Notebook();
    notebook.figure("good", "whether it is good", 1, "");
    notebook.figure("cost", "cost of an event", 2.5 * factor, "µs");
    notebook.plot("lines", "Lines", Axis.log("watched", ""), Axis.log("cost", "µs"));
    for (String model : List.of("select", "poll", "epoll", "something </script> else")) {
      for (double x : new double[] {10, 100, 1_000, 19_000}) {
        notebook.point("lines", model, x, factor * (model.equals("epoll") ? 0.5 : x / 12));
      }
    }
    notebook.plot("linear", "Linear", Axis.linear("n", ""), Axis.linear("share", "%"));
    notebook.point("linear", "epoll", 0, 0);
    notebook.point("linear", "epoll", 10, 3);
    notebook.bars("bars", "Bars", Axis.log("calls", ""));
    notebook.bar("bars", "epoll", 3 * factor);
    notebook.bar("bars", "poll", 0);
    notebook.table("table", "Table", "model", "what", "how many");
    notebook.row("table", "epoll", "served & <quick>", 12);
    notebook.row("table", "select", null, 1.5);
    notebook.remark("A remark.");
    notebook.failed("nonblocking", "no answer in <60> s");
    return notebook;
  }

  /// A report of some experiments, one for each verdict.
  public static Report report(double factor) {
    List<Entry> entries =
        Arrays.stream(Verdict.Outcome.values())
            .map(outcome ->
                Entry.of(
                    experiment(outcome.name().toLowerCase(java.util.Locale.ROOT), (b, n) -> {}),
                    1.25,
                    Entry.State.COMPLETE,
                    new Verdict(outcome, "The sentence for " + outcome.words() + "."),
                    notebook(factor).finding()))
            .toList();
    return new Report(
        Report.SCHEMA,
        "0.1.0",
        "2026-01-01T00:00:00Z",
        12.5,
        Effort.QUICK,
        false,
        Machine.here(),
        List.of("select", "epoll"),
        Map.of("io_uring", "the kernel has none"),
        entries);
  }
}
