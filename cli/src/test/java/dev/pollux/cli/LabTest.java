package dev.pollux.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.pollux.lab.Effort;
import dev.pollux.lab.Experiment;
import dev.pollux.lab.experiment.Experiments;
import dev.pollux.lab.report.Report;
import dev.pollux.lab.report.ReportFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The lab from the command line.
final class LabTest {
  @TempDir private Path folder;

  @Test
  void theListHasEveryExperiment() {
    Invocation list = Invocation.of("lab", "--list");
    assertEquals(0, list.exitCode());
    for (Experiment experiment : Experiments.all()) {
      assertTrue(list.out().contains(experiment.name() + " "), experiment.name());
      assertTrue(list.out().contains(experiment.question()), experiment.name());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          lab --only walls      | pollux lab: --only: no experiment 'walls'; there are:
          lab --io kqueue       | pollux lab: --io: no I/O model 'kqueue'; there are:
          lab compare a.json    | pollux lab compare: Missing required parameter: 'B.json'
          """)
  void aMistakeIsOneSentence(String args, String beginning) {
    Invocation wrong = Invocation.of(args.split(" "));
    assertEquals(2, wrong.exitCode());
    assertTrue(wrong.err().startsWith(beginning), wrong.err());
  }

  @Test
  void aRunLeavesItsReport() throws IOException {
    Path out = folder.resolve("report");
    Invocation run =
        Invocation.of(
            "lab",
            "--quick",
            "--only",
            "copied",
            "--io",
            "epoll,poll,select",
            "--out",
            out.toString());
    assertEquals(0, run.exitCode(), run.err() + run.out());
    assertTrue(run.out().contains("copied"), run.out());
    assertTrue(run.err().contains("1/1  What is copied: holds"), run.err());
    Report report = ReportFiles.read(out.resolve("report.json"));
    assertEquals(Effort.QUICK, report.effort());
    assertEquals(List.of("select", "poll", "epoll"), report.models());
    assertTrue(Files.readString(out.resolve("index.html")).contains("\"copied\""));

    String json = out.resolve("report.json").toString();
    Invocation compared = Invocation.of("lab", "compare", json, json);
    assertEquals(0, compared.exitCode(), compared.err());
    assertTrue(compared.out().contains("System calls for a message"), compared.out());

    Path text = folder.resolve("models.md");
    Files.writeString(
        text,
        """
        before
        <!-- lab
        model = model
        calls = copied/bar/calls-1
        -->
        <!-- /lab -->
        after
        """);
    Invocation filled = Invocation.of("lab", "docs", json, text.toString());
    assertEquals(0, filled.exitCode(), filled.err());
    assertEquals(text + ": figures at 1 places\n", filled.out());
    String figures = Files.readString(text);
    assertTrue(figures.startsWith("before\n") && figures.endsWith("after\n"), figures);
    assertTrue(figures.contains("| `epoll` | 3 |"), figures);
  }

  @Test
  void docsSaysWhichFileIsMissingOrHasNoPlace() throws IOException {
    Invocation missing = Invocation.of("lab", "docs", "/nowhere/report.json", "a.md");
    assertEquals(1, missing.exitCode());
    assertEquals("pollux lab docs: there is no file /nowhere/report.json\n", missing.err());

    Path broken = Files.writeString(folder.resolve("report.json"), "{}");
    Invocation unread = Invocation.of("lab", "docs", broken.toString(), "a.md");
    assertEquals(1, unread.exitCode());
    assertTrue(unread.err().startsWith("pollux lab docs: " + broken + ": "), unread.err());
  }

  @Test
  void anInterruptLeavesAReportOfWhatWasMeasured() throws Exception {
    Path out = folder.resolve("report");
    try (ServeProcess lab =
        new ServeProcess(
            folder,
            "lab",
            "--quick",
            "--only",
            // With much behind it: it is not over before the interrupt is there, however late.
            "copied,busy,threads,slow,wall,edge,descriptors,quadrants,server",
            "--io",
            "epoll,poll,select",
            "--out",
            out.toString())) {
      lab.awaitErr("2/9  Busy waiting");
      lab.interrupt();
      assertEquals(130, lab.exitCode(), lab.err());
    }
    Report report = ReportFiles.read(out.resolve("report.json"));
    assertTrue(report.interrupted());
    assertEquals("copied", report.experiments().getFirst().name());
    assertTrue(report.experiments().size() < 9, "it went on to the end");
    assertTrue(Files.exists(out.resolve("index.html")));
  }

  @Test
  void aReportThatIsNotThereIsOneSentence() {
    Invocation compared = Invocation.of("lab", "compare", "/nowhere/a.json", "/nowhere/b.json");
    assertEquals(1, compared.exitCode());
    assertEquals("pollux lab compare: there is no file /nowhere/a.json\n", compared.err());
  }
}
