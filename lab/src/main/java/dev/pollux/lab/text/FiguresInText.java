package dev.pollux.lab.text;

import dev.pollux.lab.Effort;
import dev.pollux.lab.report.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Puts the figures of a report into a Markdown text, at the places that the text has for them: so
/// no figure in it is written by hand.
///
/// A place says in the text's own language what is to stand there, a line for each column, and a
/// row is made for each model that was measured:
///
/// ```
/// <!-- lab
/// model = model
/// median beside it, µs = slow-client/bar/beside
/// -->
/// (what is here is replaced)
/// <!-- /lab -->
/// ```
///
/// Behind the `=` stands `model`, or an experiment, a kind and an id ([Column]). A place of one
/// word, `<!-- lab machine -->` or `<!-- lab verdicts -->`, holds a line about what was measured
/// on, or every verdict (in English).
public final class FiguresInText {
  private static final Pattern PLACE =
      Pattern.compile("(?s)(<!-- lab(\\s.*?)-->\\n).*?(<!-- /lab -->)");

  private FiguresInText() {}

  /// The text with the figures of the report at all its places.
  ///
  /// @throws IllegalArgumentException if a place says something that is not understood; the message
  ///   has its line
  public static String filled(String text, Report report) {
    return PLACE.matcher(text).replaceAll(place -> Matcher.quoteReplacement(filled(place, report)));
  }

  /// How many places there are.
  public static int places(String text) {
    return (int) PLACE.matcher(text).results().count();
  }

  private static String filled(MatchResult place, Report report) {
    List<String> lines =
        place.group(2).lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
    String content =
        lines.equals(List.of("machine"))
            ? machine(report)
            : lines.equals(List.of("verdicts")) ? verdicts(report) : table(lines, report);
    return place.group(1) + "\n" + content + "\n" + place.group(3);
  }

  private static String machine(Report report) {
    return "%s × %d, %s, %s, %s; Pollux %s, %s%s.\n"
        .formatted(
            report.machine().processor(),
            report.machine().processors(),
            report.machine().kernel(),
            report.machine().architecture(),
            report.machine().jvm(),
            report.pollux(),
            report.started(),
            report.effort() == Effort.FULL ? "" : "; `--quick`, not warmed up");
  }

  private static String verdicts(Report report) {
    StringBuilder table = new StringBuilder("| experiment | verdict | because |\n|---|---|---|\n");
    report
        .experiments()
        .forEach(entry ->
            row(
                table,
                List.of(
                    entry.title(), entry.verdict().outcome().words(), entry.verdict().sentence())));
    return table.toString();
  }

  private static String table(List<String> lines, Report report) {
    List<String> heads = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    for (String line : lines) {
      int equals = line.lastIndexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException(
            "a place for figures says '" + line + "': write 'head = column'");
      }
      heads.add(line.substring(0, equals).strip());
      columns.add(Column.of(line.substring(equals + 1).strip()));
    }
    StringBuilder table = new StringBuilder();
    row(table, heads);
    table.append("|---".repeat(heads.size())).append("|\n");
    for (String model : report.models()) {
      row(table, columns.stream().map(column -> column.cell(report, model)).toList());
    }
    return table.toString();
  }

  private static void row(StringBuilder table, List<String> cells) {
    cells.forEach(cell -> table.append("| ").append(cell.replace("|", "\\|")).append(' '));
    table.append("|\n");
  }
}
