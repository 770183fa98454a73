package dev.pollux.cli;

import dev.pollux.lab.terminal.Style;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// What standard output and standard error are connected to.
final class Terminals {
  private static final int USUAL_WIDTH = 100;

  private Terminals() {}

  /// A terminal, or a file or a pipe. Java tells it of standard input and output together.
  static Style style() {
    if (!isTerminal()) {
      return Style.PLAIN;
    }
    boolean dumb = "dumb".equals(System.getenv("TERM"));
    // no-color.org: when present and not an empty string.
    String noColor = System.getenv("NO_COLOR");
    return new Style(width(), !dumb, !dumb && (noColor == null || noColor.isEmpty()));
  }

  // The check thinks of JDK 22 to 24; without a terminal the console is null again since 25.
  @SuppressWarnings("SystemConsoleNull")
  static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /// The columns of the terminal, as stty(1) tells.
  private static int width() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size").redirectInput(ProcessBuilder.Redirect.INHERIT).start();
      try (BufferedReader lines = stty.inputReader(StandardCharsets.US_ASCII)) {
        String line = lines.readLine();
        int columns = line == null ? 0 : Integer.parseInt(line.substring(line.indexOf(' ') + 1));
        return columns > 0 ? columns : USUAL_WIDTH;
      }
    } catch (IOException | NumberFormatException e) {
      return USUAL_WIDTH;
    }
  }
}
