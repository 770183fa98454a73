package dev.pollux.cli;

import java.io.PrintWriter;
import java.util.Arrays;

/// Where `pollux` begins.
public final class Main {
  private Main() {}

  /// Runs a command and ends the process with its [ExitCode].
  public static void main(String... args) {
    // The logger reads this once, when the first class that logs is loaded.
    if (Arrays.asList(args).contains("--verbose")) {
      System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "debug");
    }
    var out = new PrintWriter(System.out, true, System.out.charset());
    var err = new PrintWriter(System.err, true, System.err.charset());
    System.exit(PolluxCommand.execute(out, err, args));
  }
}
