package dev.pollux.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/// A terminal with a line that can be edited, a history, and room above the line for what arrives.
final class Terminal implements AutoCloseable {
  private static final String PROMPT = "> ";
  private static final int REMEMBERED_LINES = 1000;

  private final org.jline.terminal.Terminal terminal;
  private final LineReader reader;
  private volatile @Nullable Thread waiting;
  private volatile boolean over;

  private Terminal(org.jline.terminal.Terminal terminal) {
    this.terminal = terminal;
    this.reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("pollux")
            .variable(LineReader.HISTORY_FILE, historyFile())
            .variable(LineReader.HISTORY_SIZE, REMEMBERED_LINES)
            // An exclamation mark is one: no history expansion.
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .build();
  }

  static Terminal open() throws IOException {
    return new Terminal(TerminalBuilder.builder().system(true).jni(false).exec(false).build());
  }

  /// XDG_STATE_HOME is where programs keep what is worth keeping between two runs.
  private static Path historyFile() {
    String state = System.getenv("XDG_STATE_HOME");
    Path folder =
        state == null || state.isBlank()
            ? Path.of(System.getProperty("user.home"), ".local", "state")
            : Path.of(state);
    return folder.resolve("pollux").resolve("connect-history");
  }

  /// The next line; null at its end (Ctrl-D, Ctrl-C), or when it was interrupted.
  @Nullable String readLine() {
    if (over) {
      return null;
    }
    waiting = Thread.currentThread();
    try {
      return over ? null : reader.readLine(PROMPT);
    } catch (EndOfFileException | UserInterruptException e) {
      return null;
    } finally {
      waiting = null;
    }
  }

  /// Ends a [#readLine] that waits, and every later one. Any thread.
  void interrupt() {
    over = true;
    Thread reading = waiting;
    if (reading != null) {
      reading.interrupt();
    }
  }

  /// Prints a line above the one that is edited. Any thread.
  void print(String line) {
    reader.printAbove(line);
  }

  @Override
  public void close() throws IOException {
    terminal.close();
  }
}
