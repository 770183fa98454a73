package dev.pollux.cli;

import dev.pollux.net.Engine;
import dev.pollux.net.EngineOptions;
import dev.pollux.net.IoModel;
import dev.pollux.net.Protocol;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `pollux models`: every I/O model, and whether it works here.
@Command(
    name = "models",
    description = {
      "Lists the I/O models, and whether each one works here.",
      "Each is tried: an engine is started, listens on a loopback port, and is closed again.",
      ""
    },
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:listed, whether they work or not", "2:wrong usage"},
    footerHeading = "%nExamples:%n",
    footer = {"  pollux models", "  pollux models --json"})
final class ModelsCommand implements Callable<Integer> {

  // Nobody knows the port; whoever finds it is sent away.
  private static final Protocol NOBODY = (connection, buffer, offset, length) -> connection.close();

  /// When to write colours.
  enum Color {
    auto,
    always,
    never
  }

  /// @param problem why it does not work here, or null if it does
  /// @param details what it uses of what the kernel may have; often nothing
  record Probe(IoModel model, @Nullable String problem, String details) {
    Probe(IoModel model, @Nullable String problem) {
      this(model, problem, "");
    }
  }

  @Option(names = "--json", description = "Write JSON instead of a table.")
  private boolean json;

  @Option(
      names = "--color",
      paramLabel = "WHEN",
      description =
          "${COMPLETION-CANDIDATES}; auto is on a terminal, unless NO_COLOR is set."
              + " Default: ${DEFAULT-VALUE}")
  private Color color = Color.auto;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private CommandSpec spec;

  @Override
  public Integer call() {
    List<Probe> probes = Arrays.stream(IoModel.values()).map(ModelsCommand::probe).toList();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(probes));
    } else {
      table(probes, coloured() ? Ansi.ON : Ansi.OFF).forEach(out::println);
    }
    out.flush();
    return ExitCode.OK;
  }

  static Probe probe(IoModel model) {
    try (Engine engine = Engine.open(EngineOptions.of(model).withLoops(1))) {
      engine.listen(
          new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0),
          () -> NOBODY);
      return new Probe(model, null, details(engine));
    } catch (IOException | RuntimeException e) {
      return new Probe(model, String.valueOf(e.getMessage()));
    }
  }

  private static String details(Engine engine) {
    return engine.choice().isAutomatic()
        ? engine.model() + " here (" + engine.choice().reason() + ")"
        : engine.details();
  }

  static List<String> table(List<Probe> probes, Ansi ansi) {
    int width =
        probes.stream().mapToInt(probe -> probe.model().word().length()).max().orElse(0) + 2;
    return Stream.concat(
            Stream.of(ansi.string("@|bold " + padded("MODEL", width) + "HERE  WHAT IT IS|@")),
            probes.stream().map(probe -> line(probe, width, ansi)))
        .toList();
  }

  private static String line(Probe probe, int width, Ansi ansi) {
    String problem = probe.problem();
    return ansi.string("@|bold " + padded(probe.model().word(), width) + "|@")
        + ansi.string(problem == null ? "@|green yes|@   " : "@|red no|@    ")
        + probe.model().summary()
        + (probe.details().isEmpty() ? "" : "; with " + probe.details())
        + (problem == null ? "" : "; not here: " + problem);
  }

  static String json(List<Probe> probes) {
    Json json = new Json().object().array("models");
    for (Probe probe : probes) {
      String problem = probe.problem();
      json.object()
          .member("model", probe.model().word())
          .member("summary", probe.model().summary())
          .member("works", problem == null);
      if (!probe.details().isEmpty()) {
        json.member("details", probe.details());
      }
      if (problem != null) {
        json.member("problem", problem);
      }
      json.end();
    }
    return json.end().end().toString();
  }

  private boolean coloured() {
    return switch (color) {
      case always -> true;
      case never -> false;
      case auto -> wantsColour() && isTerminal();
    };
  }

  // The check thinks of JDK 22 to 24; without a terminal the console is null again since 25.
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  private static boolean wantsColour() {
    // no-color.org: when present and not an empty string.
    String noColor = System.getenv("NO_COLOR");
    return (noColor == null || noColor.isEmpty()) && !"dumb".equals(System.getenv("TERM"));
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(width - text.length());
  }
}
