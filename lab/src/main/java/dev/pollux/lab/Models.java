package dev.pollux.lab;

import dev.pollux.net.Engine;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.IoModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which of the I/O models work here: each is tried.
///
/// @param working those that work, in the order of [IoModel]
/// @param problems why the others do not, by their words
public record Models(List<IoModel> working, Map<String, String> problems) {

  /// Tries models by opening an engine of each; not `auto`, which is one of the others.
  public static Models tried(Iterable<IoModel> asked) {
    List<IoModel> working = new ArrayList<>();
    Map<String, String> problems = new LinkedHashMap<>();
    for (IoModel model : asked) {
      if (model == IoModel.AUTO) {
        // It is one of the others.
        continue;
      }
      try (Engine engine = Engine.open(EngineOptions.of(model).withLoops(1))) {
        working.add(engine.model());
      } catch (IOException | RuntimeException e) {
        problems.put(model.word(), String.valueOf(e.getMessage()));
      }
    }
    return new Models(List.copyOf(working), problems);
  }
}
