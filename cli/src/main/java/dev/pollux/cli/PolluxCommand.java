package dev.pollux.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/// The word `pollux` itself: its commands, and what all of them have in common.
@Command(
    name = "pollux",
    description = "A WebSocket server on an I/O model of your choice.",
    versionProvider = BuildVersion.class,
    subcommands = {
      ServeCommand.class,
      ConnectCommand.class,
      LoadCommand.class,
      ModelsCommand.class,
      LabCommand.class,
      HelpCommand.class
    },
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done, or stopped as asked",
      "1:serve: the address can't be listened on; connect, load: the server can't be reached, or"
          + " refused;"
          + " lab: an experiment failed",
      "2:wrong usage",
      "3:load: what came back differs; lab: a claim does not hold here",
      "4:connect, load: connections were lost",
      "5:load: nothing came back any more",
      "69:the I/O model does not work here, or something to start with is missing",
      "70:a defect of Pollux, or its build failed",
      "130:lab: interrupted"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pollux serve                       epoll on ws://127.0.0.1:8080",
      "  pollux serve --io select --port 0  another model, any free port",
      "  pollux connect ws://127.0.0.1:8080/echo   talk to a server",
      "  pollux load ws://127.0.0.1:8080/echo --connections 100",
      "  pollux models                      which models work here",
      "  pollux lab --quick                 what the models cost on this machine, as a report",
      "  pollux bench --quick               Pollux beside C, Netty and others (from a checkout)",
      "  pollux serve --help                all about serving"
    })
final class PolluxCommand implements Callable<Integer> {
  // Picocli's words, which would say twice that something is wrong.
  private static final Pattern INVALID_VALUE =
      Pattern.compile("^Invalid value for option '(--[a-z-]+)'(?: \\([^)]*\\))?: ");

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private CommandSpec spec;

  /// Runs the command that `args` say; `serve` returns only if it fails.
  ///
  /// @return the [ExitCode]
  static int execute(PrintWriter out, PrintWriter err, String... args) {
    CommandLine pollux = new CommandLine(new PolluxCommand());
    pollux.getCommandSpec().addOption(help()).addOption(version());
    addHelp(pollux);
    return pollux
        .setOut(out)
        .setErr(err)
        .registerConverter(int.class, PolluxCommand::wholeNumber)
        .registerConverter(Integer.class, PolluxCommand::wholeNumber)
        .registerConverter(double.class, PolluxCommand::number)
        .registerConverter(Double.class, PolluxCommand::number)
        .setUsageHelpWidth(100)
        .setParameterExceptionHandler((wrong, words) -> sayWhatIsWrong(wrong))
        .setExecutionExceptionHandler((defect, line, result) -> sayWhatFailed(defect, line))
        .execute(args);
  }

  /// Without a command.
  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ExitCode.USAGE;
  }

  /// To the commands, and to the commands of those.
  private static void addHelp(CommandLine parent) {
    for (CommandLine command : parent.getSubcommands().values()) {
      if (!(command.getCommand() instanceof HelpCommand)) {
        command.getCommandSpec().addOption(help());
        addHelp(command);
      }
    }
  }

  private static OptionSpec help() {
    return OptionSpec.builder("-h", "--help")
        .usageHelp(true)
        .description("Show this help and exit.")
        .build();
  }

  private static OptionSpec version() {
    return OptionSpec.builder("-V", "--version")
        .versionHelp(true)
        .description("Show the version, the JVM and the kernel, and exit.")
        .build();
  }

  private static int wholeNumber(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + text + "' is not a whole number");
    }
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + text + "' is not a number");
    }
  }

  private static int sayWhatIsWrong(ParameterException wrong) {
    CommandLine line = wrong.getCommandLine();
    String name = line.getCommandSpec().qualifiedName();
    String sentence =
        wrong instanceof UnmatchedArgumentException unmatched
            ? "there is no " + unmatched.getUnmatched().getFirst()
            : INVALID_VALUE.matcher(String.valueOf(wrong.getMessage())).replaceFirst("$1: ");
    line.getErr().println(name + ": " + sentence + " (see " + name + " --help)");
    return ExitCode.USAGE;
  }

  private static int sayWhatFailed(Exception defect, CommandLine line) {
    line.getErr().println("pollux: this is a defect of Pollux: " + defect);
    defect.printStackTrace(line.getErr());
    return ExitCode.INTERNAL;
  }
}
