package dev.pollux.lab.experiment;

import dev.pollux.lab.Experiment;
import java.util.List;

/// Every experiment that there is, in the order of the argument.
public final class Experiments {
  private static final List<Experiment> ALL =
      List.of(
          new ThreadPerClient(), //
          new BusyWaiting(),
          new Wall(),
          new DescriptorCost(),
          new Copied());

  private Experiments() {}

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
