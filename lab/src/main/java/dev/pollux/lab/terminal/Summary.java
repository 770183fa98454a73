package dev.pollux.lab.terminal;

import dev.pollux.lab.Effort;
import dev.pollux.lab.Verdict;
import dev.pollux.lab.report.Entry;
import dev.pollux.lab.report.Report;
import java.util.ArrayList;
import java.util.List;

/// A report as a table for the terminal: an experiment, its outcome, the sentence with the numbers.
public final class Summary {
  private static final int GAP = 2;
  private static final int LEAST_SENTENCE = 30;

  private Summary() {}

  /// The lines of the table.
  public static List<String> lines(Report report, Style style) {
    List<String> lines = new ArrayList<>();
    int name = width(report.experiments().stream().map(Entry::name).toList(), "EXPERIMENT");
    int outcome = width(report.experiments().stream().map(Summary::outcome).toList(), "VERDICT");
    int sentence = Math.max(LEAST_SENTENCE, style.width() - name - outcome);
    lines.add(
        style.bold(
            Words.padded("EXPERIMENT", name) + Words.padded("VERDICT", outcome) + "FIGURES"));
    for (Entry entry : report.experiments()) {
      List<String> wrapped = Words.wrapped(entry.verdict().sentence(), sentence);
      lines.add(
          style.bold(Words.padded(entry.name(), name))
              + style.outcome(entry.verdict().outcome(), Words.padded(outcome(entry), outcome))
              + wrapped.getFirst());
      wrapped.stream().skip(1).map(line -> " ".repeat(name + outcome) + line).forEach(lines::add);
    }
    report
        .unavailable()
        .forEach((model, why) -> lines.add(style.dim(model + " was left out: " + why)));
    if (report.effort() == Effort.QUICK) {
      lines.add(style.dim("A quick run: the JVM was not warmed up, so the values are too high."));
    }
    if (report.interrupted()) {
      lines.add(style.dim("The run was interrupted: this is what was measured until then."));
    }
    return lines;
  }

  private static String outcome(Entry entry) {
    Verdict.Outcome outcome = entry.verdict().outcome();
    return outcome.words();
  }

  private static int width(List<String> cells, String head) {
    return GAP + Math.max(head.length(), cells.stream().mapToInt(String::length).max().orElse(0));
  }
}
