package dev.pollux.lab.experiment;

import dev.pollux.lab.Experiment;
import java.util.List;
import java.util.stream.Stream;

/// Every experiment that there is, in the order of the argument.
public final class Experiments {
  private static final List<Experiment> ALL =
      Stream.of(
              new ThreadPerClient(),
              new SlowClient(),
              new BusyWaiting(),
              new Wall(),
              new DescriptorCost(),
              new Copied(),
              new LevelAgainstEdge(),
              new AsynchronousAndBlocking(),
              new RealServer(),
              new ReadinessAgainstCompletion())
          .filter(Experiments::isThere)
          .toList();

  private Experiments() {}

  /// There is nothing to say about completions before a model works by them.
  private static boolean isThere(Experiment experiment) {
    return !(experiment instanceof ReadinessAgainstCompletion)
        || ReadinessAgainstCompletion.isThere();
  }

  /// All of them.
  public static List<Experiment> all() {
    return ALL;
  }

  /// The experiment of that name.
  ///
  /// @throws IllegalArgumentException if there is none; the message lists the names that there are
  public static Experiment of(String name) {
    return ALL.stream()
        .filter(experiment -> experiment.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no experiment '"
                    + name
                    + "'; there are: "
                    + String.join(", ", ALL.stream().map(Experiment::name).toList())));
  }
}
