package dev.pollux.tidy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The files that the rules are about.
///
/// @param root the folder of the root `pom.xml`
record Checkout(Path root) {

  /// The checkout that this test runs in: surefire starts it in the folder of `tidy`.
  static Checkout here() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("tidy/pom.xml"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException("no checkout of Pollux around " + Path.of("").toUri());
      }
    }
    return new Checkout(folder);
  }

  /// The Java files of every module, sorted by path.
  List<Source> sources() {
    return modules().stream()
        .map(module -> module.resolve("src"))
        .filter(Files::isDirectory)
        .flatMap(Checkout::filesBelow)
        .filter(file -> file.toString().endsWith(".java"))
        .sorted()
        .map(file -> new Source(root.relativize(file), read(file)))
        .toList();
  }

  /// The root `pom.xml`, then those of the modules.
  List<Path> poms() {
    var ofModules = modules().stream().map(module -> module.resolve("pom.xml"));
    return Stream.concat(Stream.of(root.resolve("pom.xml")), ofModules).toList();
  }

  /// The folders with a `pom.xml`, sorted.
  List<Path> modules() {
    try (Stream<Path> folders = Files.list(root)) {
      return folders.filter(it -> Files.exists(it.resolve("pom.xml"))).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<Path> filesBelow(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
