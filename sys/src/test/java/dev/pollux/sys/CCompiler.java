package dev.pollux.sys;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The C compilers that are asked, if they are there: Debian's names.
enum CCompiler {
  NATIVE("cc", Names.HOST, "the C library of this machine"),
  MUSL("musl-gcc", Names.HOST, "musl"),
  X86_64_GLIBC("x86_64-linux-gnu-gcc", "x86_64", "glibc"),
  X86_64_MUSL("x86_64-linux-musl-gcc", "x86_64", "musl"),
  AARCH64_GLIBC("aarch64-linux-gnu-gcc", "aarch64", "glibc"),
  AARCH64_MUSL("aarch64-linux-musl-gcc", "aarch64", "musl");

  final String command;
  final String architecture;
  private final String library;

  CCompiler(String command, String architecture, String library) {
    this.command = command;
    this.architecture = architecture;
    this.library = library;
  }

  /// Whether this machine runs what the compiler makes.
  boolean runs() {
    return architecture.equals(Names.HOST);
  }

  boolean isThere() {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      if (Files.isExecutable(Path.of(folder, command))) {
        return true;
      }
    }
    return false;
  }

  /// Checks a source without making a program; what the compiler complains of, or nothing.
  String complaints(Path source) throws IOException, InterruptedException {
    return run(List.of(command, "-std=c11", "-Wall", "-fsyntax-only", source.toString())).text;
  }

  /// Makes a program and runs it: its output.
  String output(Path source) throws IOException, InterruptedException {
    String program = source + ".out";
    Output made = run(List.of(command, "-std=c11", "-Wall", source.toString(), "-o", program));
    assertTrue(made.exitCode == 0, made::text);
    Output printed = run(List.of(program));
    assertTrue(printed.exitCode == 0, printed::text);
    return printed.text;
  }

  @Override
  public String toString() {
    return command
        + " ("
        + architecture
        + ", "
        + library
        + (runs() ? "): compiled and run" : "): only compiled, not run");
  }

  private static Output run(List<String> words) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(new ArrayList<>(words)).redirectErrorStream(true).start();
    process.getOutputStream().close();
    try (var reader = process.inputReader()) {
      String text = String.join("\n", reader.lines().toList());
      assertTrue(process.waitFor(120, TimeUnit.SECONDS), "did not end: " + words);
      return new Output(process.exitValue(), text);
    }
  }

  private record Output(int exitCode, String text) {}

  private static final class Names {
    static final String HOST =
        switch (System.getProperty("os.arch", "")) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "aarch64";
          default -> "unknown";
        };

    private Names() {}
  }
}
