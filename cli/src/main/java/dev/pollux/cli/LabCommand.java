package dev.pollux.cli;

import dev.pollux.lab.EarlyStop;
import dev.pollux.lab.Effort;
import dev.pollux.lab.Experiment;
import dev.pollux.lab.Lab;
import dev.pollux.lab.LabOptions;
import dev.pollux.lab.Verdict;
import dev.pollux.lab.experiment.Experiments;
import dev.pollux.lab.report.Entry;
import dev.pollux.lab.report.Report;
import dev.pollux.lab.report.ReportFiles;
import dev.pollux.lab.terminal.LiveProgress;
import dev.pollux.lab.terminal.Style;
import dev.pollux.lab.terminal.Summary;
import dev.pollux.net.IoModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `pollux lab`: measures the claims about the I/O models on this machine.
@Command(
    name = "lab",
    description = {
      "Measures the claims about the I/O models on this machine, and leaves a report:",
      "index.html for a person, report.json for a program.",
      "",
      "Progress is shown on standard error, the table of verdicts on standard output.",
      "Ctrl-C ends it early and leaves a report of what was measured until then.",
      ""
    },
    subcommands = {LabCompareCommand.class, LabDocsCommand.class},
    sortOptions = false,
    abbreviateSynopsis = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:measured; no claim is refuted",
      "1:an experiment or a model in one failed, or the report can't be written",
      "2:wrong usage",
      "3:measured; at least one claim does not hold here",
      "69:none of the models works here",
      "70:a defect of Pollux",
      "130:interrupted; the report holds what was measured until then"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pollux lab                               everything, about ten minutes",
      "  pollux lab --quick --out /tmp/report     about 90 seconds",
      "  pollux lab --only wall,busy --io select,epoll",
      "  pollux lab compare before/report.json after/report.json"
    })
final class LabCommand implements Callable<Integer> {
  @Option(
      names = "--quick",
      description = "About 90 seconds: the JVM is not warmed up, and the report says so.")
  private boolean quick;

  @Option(
      names = "--only",
      paramLabel = "NAME",
      split = ",",
      description = "Only these experiments; --list shows their names.")
  private List<String> only = List.of();

  @Option(
      names = "--io",
      paramLabel = "MODEL",
      split = ",",
      converter = IoWord.class,
      completionCandidates = IoWord.class,
      description = "Only these models: ${COMPLETION-CANDIDATES}")
  private List<IoModel> io = List.of();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the report; an older one is replaced. Default: ${DEFAULT-VALUE}")
  private Path folder = Path.of("lab-report");

  @Option(names = "--json", description = "Write the report as JSON to standard output as well.")
  private boolean json;

  @Option(names = "--list", description = "List the experiments and exit.")
  private boolean list;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private CommandSpec spec;

  @Override
  public Integer call() {
    List<Experiment> experiments = chosen();
    if (list) {
      list(experiments);
      return ExitCode.OK;
    }
    List<IoModel> models = io.isEmpty() ? List.of(IoModel.values()) : List.copyOf(io);
    Effort effort = quick ? Effort.QUICK : Effort.FULL;
    PrintWriter err = spec.commandLine().getErr();
    Style style = Terminals.style();
    var options = new LabOptions(effort, experiments, models, BuildVersion.shortForm());
    try (EarlyStop stop = EarlyStop.atShutdown()) {
      Report report;
      try (var progress = new LiveProgress(err, style, experiments, effort, System::nanoTime)) {
        report = new Lab(options, progress, stop).run();
      }
      return conclude(report, style);
    }
  }

  private int conclude(Report report, Style style) {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    int exitCode = exitCode(report);
    if (json) {
      out.println(ReportFiles.json(report));
    } else {
      out.println();
      Summary.lines(report, style).forEach(out::println);
    }
    try {
      Path page = ReportFiles.write(report, folder);
      err.println("the report is " + page.toAbsolutePath().normalize());
    } catch (IOException e) {
      err.println("pollux lab: the report can't be written: " + e + " (choose --out)");
      exitCode = ExitCode.FAILED;
    }
    out.flush();
    err.flush();
    return exitCode;
  }

  static int exitCode(Report report) {
    if (report.interrupted()) {
      return ExitCode.INTERRUPTED;
    }
    if (report.models().isEmpty()) {
      return ExitCode.UNAVAILABLE;
    }
    if (report.experiments().stream().anyMatch(e -> e.state() == Entry.State.FAILED)) {
      return ExitCode.FAILED;
    }
    return report.experiments().stream()
            .anyMatch(e -> e.verdict().outcome() == Verdict.Outcome.DOES_NOT_HOLD_HERE)
        ? ExitCode.REFUTED
        : ExitCode.OK;
  }

  private List<Experiment> chosen() {
    if (only.isEmpty()) {
      return Experiments.all();
    }
    Set<Experiment> chosen = new LinkedHashSet<>();
    for (String name : only) {
      try {
        chosen.add(Experiments.of(name));
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), "--only: " + e.getMessage(), e);
      }
    }
    return List.copyOf(chosen);
  }

  private void list(List<Experiment> experiments) {
    PrintWriter out = spec.commandLine().getOut();
    int width = experiments.stream().mapToInt(e -> e.name().length()).max().orElse(0) + 2;
    for (Experiment experiment : experiments) {
      out.println(
          experiment.name()
              + " ".repeat(width - experiment.name().length())
              + experiment.question());
    }
    out.flush();
  }
}
