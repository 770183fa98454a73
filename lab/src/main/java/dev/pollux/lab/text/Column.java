package dev.pollux.lab.text;

import dev.pollux.lab.Finding;
import dev.pollux.lab.Numbers;
import dev.pollux.lab.Table;
import dev.pollux.lab.report.Entry;
import dev.pollux.lab.report.Report;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// What stands in one column of a table with a row for each model.
///
/// | written | is |
/// |---|---|
/// | `model` | the word of the model |
/// | `EXPERIMENT/bar/ID` | the bar of the model |
/// | `EXPERIMENT/figure/ID` | the figure `ID-MODEL` |
/// | `EXPERIMENT/plot/ID/X` | the value of the model's series at X |
/// | `EXPERIMENT/cell/ID/N` | cell N, from 0, of the row of the model in a table |
///
/// @param words what is written, cut at the `/`
record Column(List<String> words) {
  private static final String NOTHING = "–";

  /// @throws IllegalArgumentException if it is none of these
  static Column of(String written) {
    List<String> words = List.of(written.split("/"));
    boolean known =
        written.equals("model")
            || switch (words.size()) {
              case 3 -> List.of("bar", "figure").contains(words.get(1));
              case 4 -> List.of("plot", "cell").contains(words.get(1)) && isNumber(words.get(3));
              default -> false;
            };
    if (!known) {
      throw new IllegalArgumentException(
          "a place for figures asks for '"
              + written
              + "'; there are: model, EXPERIMENT/bar/ID, EXPERIMENT/figure/ID,"
              + " EXPERIMENT/plot/ID/X, EXPERIMENT/cell/ID/N");
    }
    return new Column(words);
  }

  private static boolean isNumber(String text) {
    return text.matches("[0-9]+");
  }

  /// What it holds for a model; a dash if that was not measured.
  String cell(Report report, String model) {
    if (words.size() == 1) {
      return "`" + model + "`";
    }
    return report.experiments().stream()
        .filter(entry -> entry.name().equals(words.getFirst()))
        .map(Entry::finding)
        .findFirst()
        .map(finding -> cell(finding, model))
        .orElse(NOTHING);
  }

  private String cell(Finding finding, String model) {
    String id = words.get(2);
    return switch (words.get(1)) {
      case "bar" -> number(finding.bar(id, model));
      case "figure" -> number(finding.figure(id + "-" + model));
      case "plot" -> number(finding.at(id, model, Double.parseDouble(words.get(3))));
      default ->
          finding.tables().stream()
              .filter(table -> table.id().equals(id))
              .findFirst()
              .map(table -> cell(table, model))
              .orElse(NOTHING);
    };
  }

  private String cell(Table table, String model) {
    int index = Integer.parseInt(words.get(3));
    for (List<@Nullable Object> row : table.rows()) {
      if (Objects.equals(row.getFirst(), model) && index < row.size()) {
        Object cell = row.get(index);
        return cell instanceof Number value
            ? Numbers.text(value.doubleValue())
            : Objects.requireNonNullElse(cell, NOTHING).toString();
      }
    }
    return NOTHING;
  }

  private static String number(OptionalDouble value) {
    return value.isPresent() ? Numbers.text(value.getAsDouble()) : NOTHING;
  }
}
