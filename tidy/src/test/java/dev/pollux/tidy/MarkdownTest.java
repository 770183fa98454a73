package dev.pollux.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The Markdown of the repository points to what is there, and explains every I/O model.
final class MarkdownTest {
  private static final Path ENGLISH = Path.of("docs/io-models.md");
  private static final Path KOREAN = Path.of("docs/io-models.ko.md");

  @Test
  void everyLinkLeadsToAFileAndAHeading() {
    Checkout checkout = Checkout.here();
    assertEquals(
        List.of(),
        Markdown.all(checkout).stream()
            .flatMap(file -> file.deadLinks(checkout.root()).stream())
            .toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"docs/io-models.md", "docs/io-models.ko.md"})
  void everyIoModelHasItsSection(String file) {
    Markdown page = page(Path.of(file));
    List<String> models = ioModels();
    assertTrue(models.contains("epoll-et"), "found: " + models);
    for (String model : models) {
      assertTrue(
          page.headings().stream().anyMatch(heading -> heading.startsWith("`" + model + "`: ")),
          file + " has no section about " + model + ": a heading that begins with its word in `");
    }
  }

  @Test
  void thePageOfTheModelsPointsToTheSameFilesInBothLanguages() {
    Set<String> english = filesOf(page(ENGLISH));
    Set<String> korean = filesOf(page(KOREAN));
    english.remove("io-models.ko.md");
    korean.remove("io-models.md");
    assertFalse(english.isEmpty());
    assertEquals(english, korean);
  }

  @Test
  void aLinkToAFileOrAHeadingThatIsNotThereIsDead() {
    Path root = Checkout.here().root();
    String text = "# A b\n[1](#a-b) [2](#c) [3](../pom.xml) [4](no.md) [5](https://a.b/c)\n";
    List<String> dead = Markdown.of(Path.of("docs/io-models.md"), text).deadLinks(root);
    assertEquals(
        List.of(
            "docs/io-models.md: #a-b: no heading of docs/io-models.md is called so",
            "docs/io-models.md: #c: no heading of docs/io-models.md is called so",
            "docs/io-models.md: no.md: there is no docs/no.md"),
        dead);
  }

  @Test
  void whatStandsInACodeBlockIsNoLinkAndNoHeading() {
    Markdown page = Markdown.of(Path.of("a.md"), "# One\n```sh\n# two [x](y.md)\n```\n");
    assertEquals(List.of("One"), page.headings());
    assertEquals(List.of(), page.links());
  }

  @Test
  void anchorsAreThoseOfTheWeb() {
    assertEquals("poll-an-array", Markdown.anchor("`poll`: an array"));
    assertEquals("nio-the-jdks-own-selector", Markdown.anchor("`nio`: the JDK's own selector"));
    assertEquals("오프로드-비동기--블로킹", Markdown.anchor("오프로드: 비동기 + 블로킹"));
  }

  /// The words of the models. From the source: this module is built without the others too.
  private static List<String> ioModels() {
    Path file = Checkout.here().root().resolve("net/src/main/java/dev/pollux/net/IoModel.java");
    return Pattern.compile("(?m)^  [A-Z_0-9]+\\(\\s*\"([a-z_-]+)\"")
        .matcher(Checkout.read(file))
        .results()
        .map(model -> model.group(1))
        .toList();
  }

  private static Markdown page(Path path) {
    return Markdown.of(path, Checkout.read(Checkout.here().root().resolve(path)));
  }

  private static Set<String> filesOf(Markdown page) {
    Stream<String> files = page.links().stream().filter(link -> !link.startsWith("#"));
    return new TreeSet<>(files.toList());
  }
}
