package dev.pollux.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class UsageTest {

  @ParameterizedTest
  @CsvSource({"--rounds, 0", "--rounds, -1", "--warm-up, 0", "--warm-up, -3"})
  void aNumberBelowOneIsRefusedBeforeAnythingIsDone(
      String option, String value, @TempDir Path folder) {
    Path out = folder.resolve("report");
    StringWriter err = new StringWriter();
    int exit =
        new CommandLine(new BenchCommand())
            .setErr(new PrintWriter(err))
            .execute(option, value, "--out", out.toString());
    assertEquals(CommandLine.ExitCode.USAGE, exit);
    assertEquals(
        "pollux bench: " + option + " is " + value + "; the least is 1", err.toString().strip());
    assertFalse(Files.exists(out));
  }
}
