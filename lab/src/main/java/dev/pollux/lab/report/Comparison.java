package dev.pollux.lab.report;

import dev.pollux.lab.Bars;
import dev.pollux.lab.Figure;
import dev.pollux.lab.Finding;
import dev.pollux.lab.Numbers;
import dev.pollux.lab.Plot;
import dev.pollux.lab.Point;
import dev.pollux.lab.Series;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Two reports beside each other: of two machines, or of two commits on one.
///
/// @param rows in the order of the first report; what only the second has comes last
public record Comparison(List<Row> rows) {

  /// One value in both reports.
  ///
  /// @param experiment its name
  /// @param value what the value is
  /// @param unit its unit
  /// @param first the value in the first report, or null if it is not there
  /// @param second the value in the second report, or null if it is not there
  public record Row(
      String experiment,
      String value,
      String unit,
      @Nullable Double first,
      @Nullable Double second) {

    /// The second value divided by the first, or null if one is missing or the first is 0.
    public @Nullable Double ratio() {
      return first == null || second == null || first == 0 ? null : second / first;
    }
  }

  private record Value(String experiment, String name, String unit, double number) {}

  /// Compares the figures and the bars of all experiments; with `everything`, each point of the
  /// plots as well.
  public static Comparison of(Report first, Report second, boolean everything) {
    Map<String, Value> ours = values(first, everything);
    Map<String, Value> theirs = values(second, everything);
    List<Row> rows = new ArrayList<>();
    ours.forEach((key, value) -> rows.add(row(value, value, theirs.get(key))));
    theirs.forEach((key, value) -> {
      if (!ours.containsKey(key)) {
        rows.add(row(value, null, value));
      }
    });
    return new Comparison(List.copyOf(rows));
  }

  private static Row row(Value named, @Nullable Value first, @Nullable Value second) {
    return new Row(
        named.experiment(),
        named.name(),
        named.unit(),
        first == null ? null : (Double) first.number(),
        second == null ? null : (Double) second.number());
  }

  private static Map<String, Value> values(Report report, boolean everything) {
    Map<String, Value> values = new LinkedHashMap<>();
    for (Entry entry : report.experiments()) {
      Finding finding = entry.finding();
      for (Figure figure : finding.figures()) {
        values.put(
            entry.name() + "/" + figure.id(),
            new Value(entry.name(), figure.label(), figure.unit(), figure.value()));
      }
      for (Bars bars : finding.bars()) {
        for (Bars.Bar bar : bars.bars()) {
          values.put(
              entry.name() + "/" + bars.id() + "/" + bar.name(),
              new Value(
                  entry.name(), bars.title() + ": " + bar.name(), bars.y().unit(), bar.value()));
        }
      }
      if (everything) {
        finding.plots().forEach(plot -> addPoints(values, entry.name(), plot));
      }
    }
    return values;
  }

  private static void addPoints(Map<String, Value> values, String experiment, Plot plot) {
    for (Series series : plot.series()) {
      for (Point point : series.points()) {
        String at = Numbers.text(point.x());
        values.put(
            experiment + "/" + plot.id() + "/" + series.name() + "/" + at,
            new Value(
                experiment,
                plot.title() + ": " + series.name() + " at " + at,
                plot.y().unit(),
                point.y()));
      }
    }
  }
}
