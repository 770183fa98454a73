package dev.pollux.cli;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Why a server could not be started: one sentence that says what to do, and the [ExitCode].
record StartFailure(int exitCode, String sentence) {

  // "bind 127.0.0.1:8080: EADDRINUSE", as the engines say it.
  private static final Pattern REFUSED_CALL =
      Pattern.compile("(?<call>\\w+) (?<host>\\S+):(?<port>\\d+): (?<errno>E[A-Z0-9]+)");

  static StartFailure of(IOException failure, String host) {
    String message = String.valueOf(failure.getMessage());
    if (message.contains("is not available")) {
      return new StartFailure(ExitCode.UNAVAILABLE, message + " (see pollux models)");
    }
    if (message.contains("unknown host")) {
      return new StartFailure(
          ExitCode.NOT_LISTENING,
          "there is no host '" + host + "': give --host a name or an address of this machine");
    }
    Matcher refused = REFUSED_CALL.matcher(message);
    String sentence =
        refused.matches()
            ? sentence(refused.group("errno"), refused.group("host"), refused.group("port"))
                + " ("
                + message
                + ")"
            : "the server could not be started: " + message;
    return new StartFailure(ExitCode.NOT_LISTENING, sentence);
  }

  private static String sentence(String errno, String host, String port) {
    return switch (errno) {
      case "EADDRINUSE" ->
          "port "
              + port
              + " is in use: stop what listens on it, or choose another one with --port, 0 for any";
      case "EACCES" ->
          "port "
              + port
              + " needs a privilege that this process does not have: choose one from 1024 on, or"
              + " grant CAP_NET_BIND_SERVICE";
      case "EADDRNOTAVAIL" ->
          "this machine has no address "
              + host
              + ": choose one that it has with --host, 0.0.0.0 for all";
      case "EAFNOSUPPORT" ->
          "this machine has no IPv6, which " + host + " is: choose another --host";
      case "EMFILE", "ENFILE" -> "no descriptor is left to listen with: raise ulimit -n";
      default -> "listening on " + host + ":" + port + " was refused";
    };
  }
}
