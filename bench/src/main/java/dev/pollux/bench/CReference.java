package dev.pollux.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The minimal epoll loop in C that ratios refer to: compiled when a compiler is there.
final class CReference {
  private CReference() {}

  /// Compiles it with `cc`, or what `CC` names.
  ///
  /// @param sources the folder of `echo_epoll.c`
  /// @return the program; none without a compiler
  /// @throws IOException if there is one and it fails
  static Optional<Path> compile(Path sources, Path target)
      throws IOException, InterruptedException {
    String compiler = System.getenv().getOrDefault("CC", "cc");
    if (!isOnThePath(compiler)) {
      return Optional.empty();
    }
    Files.createDirectories(target);
    Path program = target.resolve("echo_epoll");
    Process process =
        new ProcessBuilder(
                compiler,
                "-O2",
                "-march=native",
                "-o",
                program.toString(),
                sources.resolve("echo_epoll.c").toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(compiler + " can't compile the loop in C: " + said.strip());
    }
    return Optional.of(program);
  }

  private static boolean isOnThePath(String compiler) {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      if (Files.isExecutable(Path.of(folder).resolve(compiler))) {
        return true;
      }
    }
    return false;
  }
}
