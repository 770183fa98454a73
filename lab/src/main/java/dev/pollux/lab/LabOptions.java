package dev.pollux.lab;

import dev.pollux.net.IoModel;
import java.util.List;

/// What a run of the lab is to do.
///
/// @param effort how much time the experiments have
/// @param experiments which, in order
/// @param models the models that are asked for, kept in the order of [IoModel]; those that do not
///   work here are left out
/// @param pollux the version of Pollux, for the report
public record LabOptions(
    Effort effort, List<Experiment> experiments, List<IoModel> models, String pollux) {

  public LabOptions {
    experiments = List.copyOf(experiments);
    models = models.stream().distinct().sorted().toList();
  }
}
