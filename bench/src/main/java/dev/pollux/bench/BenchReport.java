package dev.pollux.bench;

import dev.pollux.lab.machine.Machine;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// What a run has found: figures, and what they belong to.
///
/// @param commit of the checkout, or `unknown`
/// @param date on which it was measured, ISO 8601
/// @param machine what it was measured on
/// @param quick whether nothing was warmed up as it should be
/// @param warmUpMillis load on each server before the rounds of a workload
/// @param stopped where and why it ended before its time; null if it did not
/// @param titles what the servers are called in tables, by name
/// @param versions of the peers' libraries, by name
/// @param measurements every single one
/// @param summaries by workload and server
/// @param idle what idle connections cost
/// @param starts how long they take to start
public record BenchReport(
    String commit,
    String date,
    Machine machine,
    boolean quick,
    long warmUpMillis,
    @Nullable Stopped stopped,
    Map<String, String> titles,
    Map<String, String> versions,
    List<Measurement> measurements,
    List<Summary> summaries,
    List<IdleMemory.Idle> idle,
    List<StartTime.Start> starts) {

  /// Indented JSON, a member for each component.
  String json() {
    return JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValueAsString(this);
  }
}
