package dev.pollux.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/// Bun, where `npm ci` has brought it along: it is a program of its own, and no library.
final class BunPeer {
  private static final String PROGRAM = "node_modules/@oven/bun-linux-x64/bin/bun";

  private BunPeer() {}

  /// Adds it.
  ///
  /// @param folder that of `bun.js`
  /// @param missing is told if it is not there
  static void addTo(Contestants contestants, Path folder, Consumer<String> missing) {
    Path program = folder.resolve(PROGRAM).toAbsolutePath();
    if (Files.isExecutable(program)) {
      contestants.addPeer(
          "bun",
          "Bun",
          List.of(program.toString(), folder.resolve("bun.js").toAbsolutePath().toString()));
    } else {
      missing.accept("no bun: `npm ci` in bench/js brings it");
    }
  }
}
