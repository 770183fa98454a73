package dev.pollux.lab;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an experiment writes its numbers into while it measures. When it is cut short, what stands
/// here is what the report shows.
///
/// Any thread may write; what was written twice under one name is replaced. A value that is no
/// number (a division by nothing) is not written.
public final class Notebook {
  private final Map<String, Figure> figures = new LinkedHashMap<>();
  private final Map<String, OpenPlot> plots = new LinkedHashMap<>();
  private final Map<String, OpenBars> bars = new LinkedHashMap<>();
  private final Map<String, OpenTable> tables = new LinkedHashMap<>();
  private final List<String> remarks = new ArrayList<>();
  private final List<Failure> failures = new ArrayList<>();

  private record OpenPlot(String title, Axis x, Axis y, Map<String, Map<Double, Double>> series) {}

  private record OpenBars(String title, Axis y, Map<String, Double> values) {}

  private record OpenTable(
      String title, List<String> columns, Map<String, List<@Nullable Object>> rows) {}

  /// A number that the experiment comes to, as [Figure].
  public synchronized void figure(String id, String label, double value, String unit) {
    if (Double.isFinite(value)) {
      figures.put(id, new Figure(id, label, value, unit));
    }
  }

  /// Begins a plot; its points follow by [#point].
  public synchronized void plot(String id, String title, Axis x, Axis y) {
    plots.put(id, new OpenPlot(title, x, y, new LinkedHashMap<>()));
  }

  /// A value of a plot that was begun.
  public synchronized void point(String plot, String series, double x, double y) {
    OpenPlot open = begun(plots, "plot", plot);
    if (Double.isFinite(x) && Double.isFinite(y)) {
      open.series().computeIfAbsent(series, name -> new LinkedHashMap<>()).put(x, y);
    }
  }

  /// Begins bars; their values follow by [#bar].
  public synchronized void bars(String id, String title, Axis y) {
    bars.put(id, new OpenBars(title, y, new LinkedHashMap<>()));
  }

  /// A value of bars that were begun.
  public synchronized void bar(String bars, String name, double value) {
    OpenBars open = begun(this.bars, "bars", bars);
    if (Double.isFinite(value)) {
      open.values().put(name, value);
    }
  }

  /// Begins a table; its rows follow by [#row].
  public synchronized void table(String id, String title, String... columns) {
    tables.put(id, new OpenTable(title, List.of(columns), new LinkedHashMap<>()));
  }

  /// A row of a table that was begun: its name, then text, numbers, or null where nothing was
  /// measured.
  public synchronized void row(String table, String name, @Nullable Object... cells) {
    List<@Nullable Object> row = new ArrayList<>();
    row.add(name);
    for (Object cell : cells) {
      row.add(cell);
    }
    begun(tables, "table", table).rows().put(name, row);
  }

  /// A sentence about the numbers: what was left out and why.
  public synchronized void remark(String sentence) {
    if (!remarks.contains(sentence)) {
      remarks.add(sentence);
    }
  }

  /// Something could not be measured, and the rest is.
  ///
  /// @param what the word of a model, or of what it is compared with
  public synchronized void failed(String what, String reason) {
    failures.add(new Failure(what, reason));
  }

  /// What stands here now.
  public synchronized Finding finding() {
    List<Plot> allPlots = new ArrayList<>();
    plots.forEach(
        (id, plot) -> allPlots.add(new Plot(id, plot.title(), plot.x(), plot.y(), series(plot))));
    List<Bars> allBars = new ArrayList<>();
    bars.forEach((id, open) -> {
      List<Bars.Bar> values = new ArrayList<>();
      open.values().forEach((name, value) -> values.add(new Bars.Bar(name, value)));
      allBars.add(new Bars(id, open.title(), open.y(), values));
    });
    List<Table> allTables = new ArrayList<>();
    tables.forEach((id, table) ->
        allTables.add(
            new Table(id, table.title(), table.columns(), List.copyOf(table.rows().values()))));
    return new Finding(
        List.copyOf(figures.values()), allPlots, allBars, allTables, remarks, failures);
  }

  private static List<Series> series(OpenPlot plot) {
    List<Series> all = new ArrayList<>();
    plot.series()
        .forEach((name, values) -> {
          List<Point> points = new ArrayList<>();
          values.forEach((x, y) -> points.add(new Point(x, y)));
          points.sort(Comparator.comparingDouble(Point::x));
          all.add(new Series(name, points));
        });
    return all;
  }

  private static <T> T begun(Map<String, T> all, String kind, String id) {
    T found = all.get(id);
    if (found == null) {
      throw new IllegalArgumentException(kind + " '" + id + "' was not begun");
    }
    return found;
  }
}
