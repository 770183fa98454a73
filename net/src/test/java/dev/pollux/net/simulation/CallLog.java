package dev.pollux.net.simulation;

import dev.pollux.sys.Errno;
import java.util.ArrayDeque;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;

/// The last things that happened, for a failure's message. It costs nothing while it is off.
final class CallLog {
  private static final int LINES = 200;

  private final boolean on;
  private final ArrayDeque<String> lines = new ArrayDeque<>();

  /// Whose turn it is; negative for nobody's.
  IntSupplier who = () -> -1;

  CallLog(boolean on) {
    this.on = on;
  }

  boolean isOn() {
    return on;
  }

  void note(long nanos, String call, int fd, int result) {
    if (on) {
      String what = result < 0 ? Errno.describe(result) : Integer.toString(result);
      note(nanos, call + "(" + (fd < 0 ? "" : Integer.toString(fd)) + ") = " + what);
    }
  }

  void note(long nanos, String what) {
    if (on) {
      if (lines.size() == LINES) {
        lines.removeFirst();
      }
      lines.addLast(String.format("%12.3f us  %s %s", nanos / 1e3, who(), what));
    }
  }

  private String who() {
    int loop = who.getAsInt();
    return loop < 0 ? "-" : Integer.toString(loop);
  }

  @Override
  public String toString() {
    return lines.stream().collect(Collectors.joining("\n  ", "\n  ", ""));
  }
}
