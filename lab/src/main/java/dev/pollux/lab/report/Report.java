package dev.pollux.lab.report;

import dev.pollux.lab.Effort;
import dev.pollux.lab.machine.Machine;
import java.util.List;
import java.util.Map;

/// What a run of the lab has come to: what `report.json` holds.
///
/// @param schema the version of this form, 1
/// @param pollux the version of Pollux
/// @param started when, as ISO 8601 in UTC
/// @param seconds how long it took
/// @param effort how much time the experiments had
/// @param interrupted whether it was told to stop before the end
/// @param machine what was measured on
/// @param models the words of the models that were measured
/// @param unavailable why other models were not, by their words
/// @param experiments in the order in which they were measured
public record Report(
    int schema,
    String pollux,
    String started,
    double seconds,
    Effort effort,
    boolean interrupted,
    Machine machine,
    List<String> models,
    Map<String, String> unavailable,
    List<Entry> experiments) {

  /// The version of the form.
  public static final int SCHEMA = 1;
}
