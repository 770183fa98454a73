package dev.pollux.cli;

import dev.pollux.server.ServerBuilder;
import dev.pollux.websocket.CompressionOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of `serve` about permessage-deflate.
final class CompressionFlags {
  @Option(
      names = "--no-compression",
      description = "Refuse permessage-deflate (RFC 7692), which is otherwise on for who offers it")
  private boolean off;

  @Option(
      names = "--compression-level",
      paramLabel = "0-9",
      description = "How hard to compress, 9 for smallest. Default: ${DEFAULT-VALUE}")
  private int level = CompressionOptions.DEFAULT.level();

  @Option(
      names = "--compression-threshold",
      paramLabel = "BYTES",
      description = "Shorter messages are sent as they are. Default: ${DEFAULT-VALUE}")
  private int thresholdBytes = CompressionOptions.DEFAULT.thresholdBytes();

  @Option(
      names = "--compression-takeover",
      description =
          "Let messages refer to the ones before them: smaller messages, and up to 300 KiB more"
              + " for each session that compresses")
  private boolean takeover;

  @Option(
      names = "--compression-window",
      paramLabel = "9-15",
      description =
          "How far back messages may refer, 2^N bytes, either way. Default: ${DEFAULT-VALUE}")
  private int windowBits = CompressionOptions.DEFAULT.serverMaxWindowBits();

  @Option(
      names = "--compression-memory",
      paramLabel = "1-9",
      description = "zlib's memLevel: memory of a compressor. Default: ${DEFAULT-VALUE}")
  private int memLevel = CompressionOptions.DEFAULT.memLevel();

  /// Null for no compression.
  @Nullable CompressionOptions options() {
    return off
        ? null
        : CompressionOptions.DEFAULT
            .withLevel(level)
            .withMemLevel(memLevel)
            .withThresholdBytes(thresholdBytes)
            .withContextTakeover(takeover, takeover)
            .withMaxWindowBits(windowBits, windowBits);
  }

  ServerBuilder describe(ServerBuilder server) {
    CompressionOptions options = options();
    return options == null ? server : server.compression(options);
  }

  /// Tells `check` each number that has a range.
  void check(RangeCheck check) {
    check.range("--compression-level", level, 0, 9);
    check.range("--compression-threshold", thresholdBytes, 0, Integer.MAX_VALUE);
    check.range("--compression-window", windowBits, 9, 15);
    check.range("--compression-memory", memLevel, 1, 9);
  }

  /// Refuses a number that is out of its range.
  @FunctionalInterface
  interface RangeCheck {
    void range(String option, int value, int least, int most);
  }
}
