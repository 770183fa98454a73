package dev.pollux.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/// The minimal loops in C, compiled when a compiler is there: the one over epoll, which ratios
/// refer to, and the one over io_uring, where the kernel allows that.
final class CReference {
  private final String compiler;
  private final Path sources;
  private final Path target;

  private CReference(String compiler, Path sources, Path target) {
    this.compiler = compiler;
    this.sources = sources;
    this.target = target;
  }

  /// Compiles them with `cc`, or what `CC` names, and adds them.
  ///
  /// @param sources the folder of `echo_epoll.c`
  /// @param missing is told which are left out, and why
  /// @throws IOException if there is a compiler and it fails
  static void addTo(Contestants contestants, Path sources, Path target, Consumer<String> missing)
      throws IOException, InterruptedException {
    String compiler = System.getenv().getOrDefault("CC", "cc");
    if (!isOnThePath(compiler)) {
      missing.accept("no C compiler: ratios refer to the first server instead");
      return;
    }
    Files.createDirectories(target);
    CReference reference = new CReference(compiler, sources, target);
    contestants.addReference(
        Contestants.REFERENCE, "C epoll loop", reference.compiled("echo_epoll"));
    try {
      Path ring = reference.compiled("echo_uring");
      run(List.of(ring.toString(), "--check"));
      contestants.addReference("c-uring", "C io_uring loop", ring);
    } catch (IOException e) {
      // No allowance, an old kernel, or the headers of one.
      missing.accept("no c-uring here: " + e.getMessage());
    }
  }

  private Path compiled(String name) throws IOException, InterruptedException {
    Path program = target.resolve(name);
    run(
        List.of(
            compiler,
            "-O2",
            "-march=native",
            "-pthread",
            "-o",
            program.toString(),
            sources.resolve(name + ".c").toString()));
    return program;
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("'" + String.join(" ", command) + "' failed: " + said.strip());
    }
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
