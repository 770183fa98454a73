package dev.pollux.tidy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A Markdown file of the repository: where it points to, and what others may point to in it.
///
/// @param path from the root of the repository
/// @param text without the code blocks, in which nothing is a link
record Markdown(Path path, String text) {
  private static final Pattern CODE_BLOCK = Pattern.compile("(?ms)^```.*?^```$");
  private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.*)$");

  static Markdown of(Path path, String text) {
    return new Markdown(path, CODE_BLOCK.matcher(text).replaceAll(""));
  }

  /// The files in the root and below `docs`.
  static List<Markdown> all(Checkout checkout) {
    Path root = checkout.root();
    try (Stream<Path> top = Files.list(root);
        Stream<Path> docs = Files.walk(root.resolve("docs"))) {
      return Stream.concat(top, docs)
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .map(file -> of(root.relativize(file), Checkout.read(file)))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Where it points to within the repository, as it is written: `net/pom.xml`, `#traps`.
  List<String> links() {
    return LINK.matcher(text)
        .results()
        .map(link -> link.group(1))
        .filter(target -> !target.matches("[a-z]+:.*"))
        .toList();
  }

  List<String> headings() {
    return HEADING.matcher(text).results().map(heading -> heading.group(1).strip()).toList();
  }

  /// What a link to a heading says behind the `#`: small letters and digits of any script, hyphens
  /// for spaces, the rest left out.
  static String anchor(String heading) {
    return heading
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N}\\p{M}_ -]", "")
        .replace(' ', '-');
  }

  /// The links that lead nowhere, each as `path: target: what is wrong`.
  List<String> deadLinks(Path root) {
    List<String> dead = new ArrayList<>();
    for (String link : links()) {
      int hash = link.indexOf('#');
      String file = hash < 0 ? link : link.substring(0, hash);
      Path target = file.isEmpty() ? path : besideThis(file);
      if (!Files.exists(root.resolve(target))) {
        dead.add(path + ": " + link + ": there is no " + target);
      } else if (hash >= 0 && !hasAnchor(root, target, link.substring(hash + 1))) {
        dead.add(path + ": " + link + ": no heading of " + target + " is called so");
      }
    }
    return dead;
  }

  private Path besideThis(String file) {
    Path folder = path.getParent();
    return (folder == null ? Path.of(file) : folder.resolve(file)).normalize();
  }

  private static boolean hasAnchor(Path root, Path target, String anchor) {
    return of(target, Checkout.read(root.resolve(target))).headings().stream()
        .anyMatch(heading -> anchor(heading).equals(anchor));
  }
}
