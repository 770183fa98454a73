package dev.pollux.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// What is fuzzed. Each target has a folder of inputs in `corpus`.
enum Target {
  FRAME_PARSER("frame-parser", FrameParserTarget.class, FrameParserTarget::fuzzerTestOneInput),
  UPGRADE_PARSER(
      "upgrade-parser", UpgradeParserTarget.class, UpgradeParserTarget::fuzzerTestOneInput),
  EXTENSION_PARSER(
      "extension-parser", ExtensionParserTarget.class, ExtensionParserTarget::fuzzerTestOneInput),
  INFLATER("inflater", InflaterTarget.class, InflaterTarget::fuzzerTestOneInput);

  final String folder;
  final Class<?> type;
  private final Consumer<byte[]> method;

  Target(String folder, Class<?> type, Consumer<byte[]> method) {
    this.folder = folder;
    this.type = type;
    this.method = method;
  }

  void run(byte[] input) {
    method.accept(input);
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
