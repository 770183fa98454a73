package dev.pollux.lab;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/// What an experiment has measured: numbers and nothing else. The verdict is made from it by the
/// experiment's rule.
///
/// @param figures the numbers that it comes to
/// @param plots series over axes
/// @param bars one value for each of several things
/// @param tables what is better read than drawn
/// @param remarks what a reader has to know about these numbers: what was left out and why
/// @param failures what could not be measured, though it was meant to be
public record Finding(
    List<Figure> figures,
    List<Plot> plots,
    List<Bars> bars,
    List<Table> tables,
    List<String> remarks,
    List<Failure> failures) {

  public Finding {
    figures = List.copyOf(figures);
    plots = List.copyOf(plots);
    bars = List.copyOf(bars);
    tables = List.copyOf(tables);
    remarks = List.copyOf(remarks);
    // A report that was written before there was this member has none.
    failures = failures == null ? List.of() : List.copyOf(failures);
  }

  /// The same without the numbers of what failed half-way: what a verdict is made from.
  public Finding ofWhatWasMeasured() {
    Set<String> failed = failures.stream().map(Failure::what).collect(Collectors.toSet());
    if (failed.isEmpty()) {
      return this;
    }
    return new Finding(
        figures.stream()
            .filter(figure -> failed.stream().noneMatch(name -> figure.id().endsWith("-" + name)))
            .toList(),
        plots.stream()
            .map(plot ->
                new Plot(
                    plot.id(),
                    plot.title(),
                    plot.x(),
                    plot.y(),
                    plot.series().stream()
                        .filter(series -> !failed.contains(series.name()))
                        .toList()))
            .toList(),
        bars.stream()
            .map(each ->
                new Bars(
                    each.id(),
                    each.title(),
                    each.y(),
                    each.bars().stream().filter(bar -> !failed.contains(bar.name())).toList()))
            .toList(),
        tables,
        remarks,
        failures);
  }

  /// Whether nothing was measured.
  public boolean hasNothing() {
    return figures.isEmpty() && plots.isEmpty() && bars.isEmpty() && tables.isEmpty();
  }

  /// The figure of that id, if it was measured.
  public OptionalDouble figure(String id) {
    return figures.stream()
        .filter(figure -> figure.id().equals(id))
        .mapToDouble(Figure::value)
        .findFirst();
  }

  /// The plot of that id, if there is one.
  public Optional<Plot> plot(String id) {
    return plots.stream().filter(plot -> plot.id().equals(id)).findFirst();
  }

  /// The bars of that id, if there are any.
  public Optional<Bars> bars(String id) {
    return bars.stream().filter(each -> each.id().equals(id)).findFirst();
  }

  /// The value of a plot's series at `x`, if it was measured.
  public OptionalDouble at(String plot, String series, double x) {
    return plot(plot).map(found -> found.at(series, x)).orElse(OptionalDouble.empty());
  }

  /// The value of a bar, if it was measured.
  public OptionalDouble bar(String bars, String name) {
    return bars(bars).map(found -> found.at(name)).orElse(OptionalDouble.empty());
  }
}
