package dev.pollux.lab.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// The report for a person: one HTML file that needs nothing else, neither files nor a network.
///
/// The page is made in the browser, by `report.js`, from the same JSON as in `report.json`; the
/// plots are drawn by uPlot, which is copied into it together with its licence.
final class Page {
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/" + uplotVersion() + "/";

  private Page() {}

  static String of(Report report) {
    // In one pass: what is put in is not searched for marks again.
    return fill(resource("report.html"), report);
  }

  private static String fill(String template, Report report) {
    StringBuilder page = new StringBuilder();
    int from = 0;
    for (int at = template.indexOf("{{"); at >= 0; at = template.indexOf("{{", from)) {
      int end = template.indexOf("}}", at);
      page.append(template, from, at).append(part(template.substring(at + 2, end), report));
      from = end + 2;
    }
    return page.append(template, from, template.length()).toString();
  }

  private static String part(String name, Report report) {
    return switch (name) {
      case "report.css", "report.js" -> resource(name);
      case "uplot.css" -> resource(UPLOT + "dist/uPlot.min.css");
      case "uplot.js" -> resource(UPLOT + "dist/uPlot.iife.min.js");
      case "uplot.licence" -> resource(UPLOT + "LICENSE");
      // In HTML a script ends at "</", wherever it stands; JSON may write any character escaped.
      case "report.json" -> ReportFiles.json(report).replace("<", "\\u003c");
      default -> throw new IllegalStateException("report.html asks for " + name);
    };
  }

  /// A webjar has its version in its paths, and says it in its Maven properties.
  private static String uplotVersion() {
    return resource("/META-INF/maven/org.webjars.npm/uplot/pom.properties")
        .lines()
        .filter(line -> line.startsWith("version="))
        .map(line -> line.substring("version=".length()).strip())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the webjar of uPlot has no version"));
  }

  private static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the class path has no " + name);
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
