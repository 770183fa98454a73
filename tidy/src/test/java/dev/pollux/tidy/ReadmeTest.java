package dev.pollux.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The Java in `README.md` is the example that the build compiles, and that the server's tests run.
final class ReadmeTest {

  private static final String EXAMPLE = "server/src/test/java/dev/pollux/example/EchoExample.java";

  private static final Pattern JAVA_BLOCK = Pattern.compile("(?ms)^```java\\n(.*?)^```$");

  private static final Pattern SNIPPET =
      Pattern.compile("(?ms)^\\h*// snippet\\n(.*?)^\\h*// snippet$");

  @Test
  void theJavaOfTheReadmeIsTheCompiledExample() {
    Path root = Checkout.here().root();
    Path readme = root.resolve("README.md");
    List<String> blocks = Files.exists(readme) ? javaBlocks(Checkout.read(readme)) : List.of();
    for (String block : blocks) {
      assertEquals(snippet(Checkout.read(root.resolve(EXAMPLE))), block, "copy it from " + EXAMPLE);
    }
  }

  @Test
  void aSnippetIsWhatStandsBetweenItsMarkers() {
    String marked = "class A {\n  // snippet\n  int a;\n\n    int b;\n  // snippet\n}\n";
    assertEquals("int a;\n\n  int b;\n", snippet(marked));
  }

  @Test
  void withoutMarkersTheSnippetIsTheWholeFile() {
    assertEquals("class A {}\n", snippet("class A {}\n"));
  }

  @Test
  void javaBlocksAreFound() {
    String markdown = "Text\n```java\nint a;\n```\nand\n```sh\nls\n```\n```java\nint b;\n```\n";
    assertEquals(List.of("int a;\n", "int b;\n"), javaBlocks(markdown));
  }

  private static List<String> javaBlocks(String markdown) {
    return JAVA_BLOCK.matcher(markdown).results().map(block -> block.group(1)).toList();
  }

  private static String snippet(String source) {
    var marked = SNIPPET.matcher(source);
    return marked.find() ? marked.group(1).stripTrailing().stripIndent() + "\n" : source;
  }
}
