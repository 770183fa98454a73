package dev.pollux.bench;

import java.util.List;
import java.util.Locale;

/// Writes a report as Markdown: aligned, so that it can be read as it is in a terminal.
final class MarkdownTable {
  private MarkdownTable() {}

  /// @param workloads those that were run, in order
  static String of(BenchReport report, List<Workload> workloads) {
    StringBuilder text = new StringBuilder();
    for (Workload workload : workloads) {
      List<Summary> rows =
          report.summaries().stream().filter(s -> s.workload().equals(workload.name())).toList();
      if (!rows.isEmpty()) {
        text.append("\n**").append(workload.name()).append("**: ").append(workload.meaning());
        text.append(cut(report, workload.name())).append("\n\n");
        append(
            text,
            List.of(
                "server",
                "CPU/" + workload.unit() + ", µs",
                "ratio",
                "95 % interval",
                "user",
                workload.units() + "/s",
                "p50, µs",
                "p99, µs"),
            rows.stream().map(row -> cells(report, row)).toList());
      }
    }
    if (!report.idle().isEmpty()) {
      text.append("\n**W5**: user-space bytes per idle connection");
      text.append(cut(report, "W5")).append("\n\n");
      append(
          text,
          List.of("server", "live heap", "off-heap", "together", "least..most"),
          report.idle().stream()
              .map(idle ->
                  List.of(
                      report.titles().getOrDefault(idle.server(), idle.server()),
                      format("%,.0f", idle.heapBytes()),
                      format("%,.0f", idle.offHeapBytes()),
                      format("%,.0f", idle.bytes()),
                      format("%,.0f", idle.leastBytes())
                          + ".."
                          + format("%,.0f", idle.greatestBytes())))
              .toList());
    }
    if (!report.starts().isEmpty()) {
      text.append("\n**start**: from the start of the process to the first answer");
      text.append(cut(report, "start")).append("\n\n");
      append(
          text,
          List.of("server", "median, ms", "least..most"),
          report.starts().stream()
              .map(start ->
                  List.of(
                      report.titles().getOrDefault(start.server(), start.server()),
                      format("%,.0f", start.medianMillis()),
                      format("%,.0f", start.leastMillis())
                          + ".."
                          + format("%,.0f", start.greatestMillis())))
              .toList());
    }
    return text.toString();
  }

  /// What stands behind the title of a workload that was not measured to its end.
  private static String cut(BenchReport report, String workload) {
    Stopped stopped = report.stopped();
    return stopped != null && stopped.cutShort(workload)
        ? "; stopped after " + stopped.share()
        : "";
  }

  private static List<String> cells(BenchReport report, Summary row) {
    return List.of(
        report.titles().getOrDefault(row.server(), row.server()),
        format(row.cpuMicros() < 1 ? "%.3f" : "%.2f", row.cpuMicros()),
        Double.isNaN(row.ratio()) ? "-" : format("%.2f", row.ratio()),
        Double.isNaN(row.ratioLower95())
            ? "-"
            : format("%.2f", row.ratioLower95()) + ".." + format("%.2f", row.ratioUpper95()),
        format("%.0f %%", row.userShare() * 100),
        format("%,.0f", row.perSecond()),
        format("%,.0f", row.p50Micros()),
        format("%,.0f", row.p99Micros()));
  }

  private static String format(String pattern, double value) {
    return String.format(Locale.ROOT, pattern, value);
  }

  private static void append(StringBuilder text, List<String> heading, List<List<String>> rows) {
    int[] widths = new int[heading.size()];
    for (int i = 0; i < widths.length; i++) {
      int column = i;
      widths[i] =
          Math.max(
              heading.get(i).length(),
              rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0));
    }
    line(text, heading, widths);
    text.append("|:").append("-".repeat(widths[0] + 1)).append('|');
    for (int i = 1; i < widths.length; i++) {
      text.append("-".repeat(widths[i] + 1)).append(":|");
    }
    text.append('\n');
    rows.forEach(row -> line(text, row, widths));
  }

  private static void line(StringBuilder text, List<String> cells, int[] widths) {
    text.append('|');
    for (int i = 0; i < widths.length; i++) {
      String padding = " ".repeat(widths[i] - cells.get(i).length());
      text.append(' ').append(i == 0 ? cells.get(i) + padding : padding + cells.get(i));
      text.append(" |");
    }
    text.append('\n');
  }
}
