package dev.pollux.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What is fuzzed. Each target has a folder of inputs in `corpus`.
enum Target {
  FRAME_PARSER("frame-parser", FrameParserTarget.class),
  UPGRADE_PARSER("upgrade-parser", UpgradeParserTarget.class),
  EXTENSION_PARSER("extension-parser", ExtensionParserTarget.class),
  INFLATER("inflater", InflaterTarget.class);

  final String folder;
  final Class<?> type;

  Target(String folder, Class<?> type) {
    this.folder = folder;
    this.type = type;
  }

  void run(byte[] input) {
    switch (this) {
      case FRAME_PARSER -> FrameParserTarget.fuzzerTestOneInput(input);
      case UPGRADE_PARSER -> UpgradeParserTarget.fuzzerTestOneInput(input);
      case EXTENSION_PARSER -> ExtensionParserTarget.fuzzerTestOneInput(input);
      case INFLATER -> InflaterTarget.fuzzerTestOneInput(input);
    }
  }

  Path corpus() {
    return Path.of("corpus", folder).toAbsolutePath();
  }

  /// The inputs in the repository, in order.
  List<Path> inputs() {
    try (Stream<Path> files = Files.list(corpus())) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new IllegalStateException("no corpus for " + this, e);
    }
  }
}
