package dev.pollux.cli;

import dev.pollux.lab.report.Report;
import dev.pollux.lab.report.ReportFiles;
import dev.pollux.lab.text.FiguresInText;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `pollux lab docs`: the figures of a report into the texts that have places for them.
@Command(
    name = "docs",
    description = {
      "Puts the figures of a report into Markdown files, at the places that they have for them:",
      "what stands between <!-- lab ... --> and <!-- /lab --> is replaced.",
      ""
    },
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all files hold the figures of the report",
      "1:a file can't be read or written, or has no place for figures",
      "2:wrong usage"
    },
    footerHeading = "%nExamples:%n",
    footer = {"  pollux lab docs lab-report/report.json docs/io-models.md docs/io-models.ko.md"})
final class LabDocsCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "REPORT.json", description = "A report.json of the lab.")
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private Path report;

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "FILE", description = "Markdown files.")
  private List<Path> files = List.of();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it before it calls anything
  private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Path now = report;
    try {
      Report figures = ReportFiles.read(report);
      for (Path file : files) {
        now = file;
        String text = Files.readString(file);
        int places = FiguresInText.places(text);
        if (places == 0) {
          return failed(file + " has no place for figures: <!-- lab ... --> and <!-- /lab -->");
        }
        Files.writeString(file, FiguresInText.filled(text, figures));
        out.println(file + ": figures at " + places + " places");
      }
      out.flush();
      return ExitCode.OK;
    } catch (NoSuchFileException e) {
      return failed("there is no file " + e.getMessage());
    } catch (IOException | IllegalArgumentException e) {
      return failed(now + ": " + e.getMessage());
    }
  }

  private int failed(String why) {
    spec.commandLine().getErr().println("pollux lab docs: " + why);
    return ExitCode.FAILED;
  }
}
