package dev.pollux.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/// google-java-format, as it comes, over every Java file.
final class FormatTest {

  private static final String REPAIR = "mvn -q test -pl tidy -Dpollux.format=fix";

  private final Formatter formatter = new Formatter();

  @Test
  void everyFileIsFormatted() throws IOException {
    boolean repair = "fix".equals(System.getProperty("pollux.format"));
    var checkout = Checkout.here();
    var unformatted = new ArrayList<String>();
    for (Source source : checkout.sources()) {
      String formatted = format(source);
      if (formatted.equals(source.text())) {
        continue;
      }
      unformatted.add(source.path().toString());
      if (repair) {
        Files.writeString(checkout.root().resolve(source.path()), formatted);
      }
    }
    if (repair) {
      unformatted.forEach(path -> System.err.println("formatted " + path));
    } else if (!unformatted.isEmpty()) {
      fail(String.join("\n  ", "not formatted:", String.join("\n  ", unformatted), REPAIR));
    }
  }

  @Test
  void misplacedSpacesAndUnusedImportsAreSeen() throws FormatterException {
    String bad = "package a;\n\nimport java.util.List;\n\nclass  A { }\n";
    assertNotEquals(bad, formatter.formatSourceAndFixImports(bad));
  }

  @Test
  void markdownKeepsItsFencesItsIndentedDiagramsAndItsTables() throws FormatterException {
    String good =
        """
        package a;

        /// Two states.
        ///
        ///     OPEN --close--> CLOSED
        ///       \\              ^
        ///        `-- abort ---/
        ///
        /// ```java
        /// var spaced   =   1;
        /// ```
        ///
        /// | a | b |
        /// |---|---|
        /// | 1 | 2 |
        ///
        /// - a list whose item is broken into two lines, the second of which is indented, because it
        ///   is long
        enum State {}
        """;
    assertEquals(good, formatter.formatSourceAndFixImports(good));
  }

  private String format(Source source) {
    try {
      return formatter.formatSourceAndFixImports(source.text());
    } catch (FormatterException e) {
      throw new AssertionError(source.path() + ": " + e.getMessage(), e);
    }
  }
}
