package dev.pollux.lab.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Reports as files: `report.json` and `index.html` in a folder.
public final class ReportFiles {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private ReportFiles() {}

  /// A report as JSON, in the form that `docs/lab-report.md` describes.
  public static String json(Report report) {
    return JSON.writeValueAsString(report);
  }

  /// Writes both files into a folder, which is made if it is not there.
  ///
  /// @return the page
  /// @throws IOException naming the file
  public static Path write(Report report, Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("report.json"), json(report));
    Path page = folder.resolve("index.html");
    Files.writeString(page, Page.of(report));
    return page;
  }

  /// Reads what [#json] has made.
  ///
  /// @throws IOException if it can't be read, is no report, or one of another version
  public static Report read(Path file) throws IOException {
    Report report;
    try {
      report = JSON.readValue(Files.readString(file), Report.class);
    } catch (JacksonException e) {
      throw new IOException(file + " is no report of the lab: " + e.getOriginalMessage(), e);
    }
    if (report.schema() != Report.SCHEMA) {
      throw new IOException(
          file
              + " has schema "
              + report.schema()
              + ", and this version of Pollux reads "
              + Report.SCHEMA
              + ": compare reports of one version");
    }
    return report;
  }
}
