package dev.pollux.cli;

import dev.pollux.lab.report.Comparison;
import dev.pollux.lab.report.Report;
import dev.pollux.lab.report.ReportFiles;
import dev.pollux.lab.terminal.ComparisonTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `pollux lab compare`: two reports beside each other.
@Command(
    name = "compare",
    description = {
      "Shows the figures of two reports beside each other, with their ratios: of two machines,",
      "or of two commits.",
      ""
    },
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:compared", "1:a report can't be read", "2:wrong usage"},
    footerHeading = "%nExamples:%n",
    footer = {"  pollux lab compare before/report.json after/report.json"})
final class LabCompareCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "A.json", description = "A report.json of the lab.")
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private Path first;

  @Parameters(index = "1", paramLabel = "B.json", description = "Another one.")
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private Path second;

  @Option(names = "--all", description = "Every point of every plot, not only the figures.")
  private boolean all;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try {
      Report a = ReportFiles.read(first);
      Report b = ReportFiles.read(second);
      Comparison comparison = Comparison.of(a, b, all);
      ComparisonTable.lines(a, b, comparison, Terminals.style()).forEach(out::println);
      out.flush();
      return ExitCode.OK;
    } catch (IOException e) {
      spec.commandLine().getErr().println("pollux lab compare: " + said(e));
      return ExitCode.FAILED;
    }
  }

  private static String said(IOException e) {
    return e instanceof java.nio.file.NoSuchFileException
        ? "there is no file " + e.getMessage()
        : String.valueOf(e.getMessage());
  }
}
