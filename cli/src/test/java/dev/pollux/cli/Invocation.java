package dev.pollux.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/// What a command line answered, run in this process.
record Invocation(int exitCode, String out, String err) {

  static Invocation of(String... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    int exitCode =
        PolluxCommand.execute(new PrintWriter(out, true), new PrintWriter(err, true), args);
    return new Invocation(exitCode, out.toString(), err.toString());
  }
}
