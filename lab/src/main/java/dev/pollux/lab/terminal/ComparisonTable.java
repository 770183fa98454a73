package dev.pollux.lab.terminal;

import dev.pollux.lab.Numbers;
import dev.pollux.lab.report.Comparison;
import dev.pollux.lab.report.Entry;
import dev.pollux.lab.report.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Two reports as one table for the terminal.
public final class ComparisonTable {
  private static final String[] HEAD = {"EXPERIMENT", "VALUE", "UNIT", "A", "B", "B / A"};

  private ComparisonTable() {}

  /// The lines: what was measured on, the verdicts that differ, the values.
  public static List<String> lines(Report a, Report b, Comparison comparison, Style style) {
    List<String> lines = new ArrayList<>();
    lines.add(about("A", a));
    lines.add(about("B", b));
    lines.add("");
    for (Entry entry : a.experiments()) {
      other(b, entry)
          .filter(other -> other.verdict().outcome() != entry.verdict().outcome())
          .ifPresent(other ->
              lines.add(
                  entry.name()
                      + ": A says "
                      + entry.verdict().outcome().words()
                      + ", B says "
                      + other.verdict().outcome().words()));
    }
    List<String[]> cells = new ArrayList<>();
    cells.add(HEAD);
    comparison.rows().forEach(row -> cells.add(cells(row)));
    int[] widths = widths(cells);
    for (int i = 0; i < cells.size(); i++) {
      String line = line(cells.get(i), widths);
      lines.add(i == 0 ? style.bold(line) : line);
    }
    return lines;
  }

  private static Optional<Entry> other(Report report, Entry entry) {
    return report.experiments().stream().filter(e -> e.name().equals(entry.name())).findFirst();
  }

  private static String about(String name, Report report) {
    return name
        + "  "
        + report.started()
        + "  "
        + report.machine().processor()
        + ", "
        + report.machine().processors()
        + " CPUs, "
        + report.machine().kernel()
        + "  Pollux "
        + report.pollux()
        + "  "
        + report.effort();
  }

  private static String[] cells(Comparison.Row row) {
    return new String[] {
      row.experiment(),
      row.value(),
      row.unit(),
      number(row.first()),
      number(row.second()),
      number(row.ratio())
    };
  }

  private static String number(@Nullable Double value) {
    return value == null ? "–" : Numbers.text(value);
  }

  private static int[] widths(List<String[]> cells) {
    int[] widths = new int[HEAD.length];
    for (String[] row : cells) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    return widths;
  }

  private static String line(String[] row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      boolean isNumber = i >= 3;
      line.append(isNumber ? Words.right(row[i], widths[i]) : Words.padded(row[i], widths[i]));
      line.append("  ");
    }
    return line.toString().stripTrailing();
  }
}
