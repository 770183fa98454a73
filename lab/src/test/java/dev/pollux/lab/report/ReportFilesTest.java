package dev.pollux.lab.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.pollux.lab.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the lab leaves as files.
class ReportFilesTest {
  @TempDir private Path folder;

  @Test
  void whatIsWrittenIsWhatIsRead() throws IOException {
    Report report = Samples.report(1);
    ReportFiles.write(report, folder.resolve("new/one"));
    assertEquals(report, ReportFiles.read(folder.resolve("new/one/report.json")));
  }

  @Test
  void theJsonIsOfTheSchemaInTheDocs() throws IOException {
    Schema schema = schema();
    assertEquals(List.of(), schema.validate(ReportFiles.json(Samples.report(1)), InputFormat.JSON));
  }

  @Test
  void theSchemaRefusesAnotherVerdictAndAMissingFigure() throws IOException {
    Schema schema = schema();
    String json = ReportFiles.json(Samples.report(1));
    String otherVerdict = json.replace("\"HOLDS_IN_PART\"", "\"MAYBE\"");
    assertFalse(schema.validate(otherVerdict, InputFormat.JSON).isEmpty());
    String noValue = json.replaceFirst("\"value\" : [0-9.]+", "\"value\" : \"much\"");
    assertFalse(noValue.equals(json));
    assertFalse(schema.validate(noValue, InputFormat.JSON).isEmpty());
  }

  private static Schema schema() throws IOException {
    String text = Files.readString(Path.of("..", "docs", "lab-report.schema.json"));
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(text);
  }

  @Test
  void anotherFileIsRefusedInASentence() throws IOException {
    Path file = folder.resolve("other.json");
    Files.writeString(file, "[1, 2");
    var thrown = assertThrows(IOException.class, () -> ReportFiles.read(file));
    assertTrue(String.valueOf(thrown.getMessage()).contains("is no report of the lab"));
    String future =
        ReportFiles.json(Samples.report(1)).replaceFirst("\"schema\" : 1", "\"schema\" : 2");
    Files.writeString(file, future);
    var newer = assertThrows(IOException.class, () -> ReportFiles.read(file));
    assertTrue(String.valueOf(newer.getMessage()).contains("has schema 2"), newer::toString);
  }

  @Test
  void thePageNeedsNothingElse() {
    String page = Page.of(Samples.report(1));
    assertFalse(page.contains("{{"), "every part was put in");
    assertTrue(page.contains("uPlot"));
    assertTrue(page.contains("Permission is hereby granted"), "the licence of uPlot");
    // What would be fetched: src, or href of a link, or url() of a style.
    assertFalse(Pattern.compile("<script[^>]+src=").matcher(page).find());
    assertFalse(Pattern.compile("<link[^>]+href=\"(?!data:)").matcher(page).find());
    assertFalse(Pattern.compile("url\\((?!data:)|@import").matcher(page).find());
  }

  @Test
  void nothingOfTheReportEndsTheScriptThatHoldsIt() {
    String page = Page.of(Samples.report(1));
    int begin = page.indexOf("<script id=\"report\"");
    int end = page.indexOf("</script>", begin);
    assertTrue(page.substring(begin, end).contains("something \\u003c/script> else"));
    assertTrue(page.substring(begin, end).contains("\"experiments\""));
    assertTrue(page.substring(begin, end).stripTrailing().endsWith("}"));
  }

  @Test
  void aComparisonHasTheRatioOfEachFigure() {
    Comparison comparison = Comparison.of(Samples.report(1), Samples.report(2), false);
    Comparison.Row cost =
        comparison.rows().stream()
            .filter(row -> row.value().equals("cost of an event"))
            .findFirst()
            .orElseThrow();
    assertEquals(2.5, cost.first());
    assertEquals(5.0, cost.second());
    assertEquals(2.0, cost.ratio());
    int points = Comparison.of(Samples.report(1), Samples.report(2), true).rows().size();
    // Four series of four points and one of two, for each of the four verdicts.
    assertEquals(comparison.rows().size() + 4 * 18, points);
  }

  @Test
  void whatOnlyOneReportHasIsShownWithoutARatio() {
    Report all = Samples.report(1);
    Report fewer =
        new Report(
            all.schema(),
            all.pollux(),
            all.started(),
            all.seconds(),
            all.effort(),
            all.interrupted(),
            all.machine(),
            all.models(),
            all.unavailable(),
            all.experiments().subList(0, 1));
    Comparison comparison = Comparison.of(fewer, all, false);
    assertTrue(
        comparison.rows().stream().anyMatch(row -> row.first() == null && row.ratio() == null));
    Comparison other = Comparison.of(all, fewer, false);
    assertTrue(other.rows().stream().anyMatch(row -> row.second() == null && row.ratio() == null));
  }
}
