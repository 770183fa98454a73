package dev.pollux.cli;

import dev.pollux.sys.SystemCall;
import dev.pollux.sys.Trace;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// What `pollux serve` writes of its system calls.
final class TraceArguments {
  private static final String STANDARD_ERROR = "-";

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      arity = "0..1",
      fallbackValue = STANDARD_ERROR,
      description =
          "Write a line for each system call, as strace does, to standard error or to a file:"
              + " [thread] seconds call(arguments) = result. With io_uring also what is submitted"
              + " (sqe) and what completes (cqe)")
  private @Nullable String file;

  @Option(
      names = "--trace-calls",
      paramLabel = "CALL",
      split = ",",
      description =
          "Only these, separated by commas: epoll_wait,recv or io_uring_enter,IORING_OP_RECV."
              + " Default: all")
  private List<String> calls = List.of();

  /// @throws ParameterException for a call that is none, and for `--trace-calls` alone
  void check(CommandSpec spec) {
    if (file == null && !calls.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--trace-calls needs --trace");
    }
    try {
      wanted();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--trace-calls: " + e.getMessage(), e);
    }
  }

  private Set<SystemCall> wanted() {
    if (calls.isEmpty()) {
      return EnumSet.allOf(SystemCall.class);
    }
    Set<SystemCall> wanted = EnumSet.noneOf(SystemCall.class);
    calls.forEach(name -> wanted.add(Trace.call(name.strip())));
    return wanted;
  }

  /// Null if none is asked for.
  ///
  /// @throws IOException if the file can't be written
  @Nullable Trace open(PrintWriter err) throws IOException {
    String name = file;
    if (name == null) {
      return null;
    }
    // Not System.err, which keeps silent about what it could not write.
    OutputStream out =
        name.equals(STANDARD_ERROR)
            ? new FileOutputStream(FileDescriptor.err)
            : new FileOutputStream(name);
    return new Trace(
        new BufferedOutputStream(out, 64 * 1024),
        wanted(),
        sentence -> {
          err.println("pollux serve: " + sentence);
          err.flush();
        });
  }
}
