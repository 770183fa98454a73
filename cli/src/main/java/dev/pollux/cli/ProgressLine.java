package dev.pollux.cli;

import dev.pollux.lab.load.LoadProgress.Stage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Says what is under way: on a terminal in one line that is written over and over, elsewhere in a
/// line for each stage and every few seconds.
final class ProgressLine {
  private static final int BAR_WIDTH = 24;
  private static final long BETWEEN_LINES_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final String ERASE = "\r\u001b[K";

  private final PrintWriter err;
  private final boolean terminal;
  private @Nullable Stage before;
  private long lastNanos;
  private boolean dirty;

  ProgressLine(PrintWriter err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  static ProgressLine onStandardError(PrintWriter err) {
    return new ProgressLine(err, standardErrorIsTerminal());
  }

  private static boolean standardErrorIsTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /// Told by a load; a [dev.pollux.lab.load.LoadProgress].
  void load(Stage stage, double done, int open, double messagesPerSecond) {
    String words =
        switch (stage) {
          case OPENING -> "opening";
          case WARMING_UP -> "warming up";
          case MEASURING -> "measuring";
          case DRAINING -> "draining";
        };
    String figures = "%,d open, %,.0f messages/s".formatted(open, messagesPerSecond);
    long now = System.nanoTime();
    if (terminal) {
      int full = (int) Math.round(Math.clamp(done, 0, 1) * BAR_WIDTH);
      err.print(
          ERASE
              + "%-10s [%s%s] %s"
                  .formatted(words, "#".repeat(full), " ".repeat(BAR_WIDTH - full), figures));
      err.flush();
      dirty = true;
    } else if (stage != before || now - lastNanos > BETWEEN_LINES_NANOS) {
      err.println("%s, %.0f %%: %s".formatted(words, done * 100, figures));
      lastNanos = now;
    }
    before = stage;
  }

  /// Leaves an empty line on a terminal.
  void clear() {
    if (dirty) {
      err.print(ERASE);
      err.flush();
      dirty = false;
    }
  }
}
