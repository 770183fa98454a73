package dev.pollux.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// [Versions] over the POMs and over what npm reads.
final class VersionsTest {

  private static final Path ROOT = Checkout.here().root();

  @Test
  void everyPluginAndDependencyIsPinned() {
    List<String> poms = Checkout.here().poms().stream().map(Checkout::read).toList();
    assertTrue(poms.size() > 7, "found " + poms.size() + " POMs");
    assertEquals(List.of(), Versions.loose(poms.getFirst(), poms.subList(1, poms.size())));
  }

  @Test
  void npmPackagesArePinnedAndTheirHostIsNotRecorded() {
    assertEquals(List.of(), Versions.looseNpm(Checkout.read(ROOT.resolve("outside/package.json"))));
    String lock = Checkout.read(ROOT.resolve("outside/package-lock.json"));
    assertTrue(lock.contains("\"integrity\""), "the lock file names what it locks");
    assertFalse(lock.contains("\"resolved\""), "npm install --omit-lockfile-registry-resolved");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<plugin><artifactId>maven-exec-plugin</artifactId></plugin>",
        "<dependency><artifactId>slf4j-api</artifactId></dependency>",
        "<dependency><artifactId>a</artifactId><version>[1,2)</version></dependency>",
        "<dependency><artifactId>a</artifactId><version>LATEST</version></dependency>",
        "<path><artifactId>a</artifactId><version>1-SNAPSHOT</version></path>"
      })
  void looseVersionsAreSeen(String loose) {
    String pom = "<project>" + loose + "</project>";
    assertEquals(1, Versions.loose(pinned(), List.of(pom)).size());
    assertEquals(1, Versions.loose(pinned().replace("<a/>", loose), List.of()).size());
  }

  @Test
  void aPluginThatMavenWouldChooseIsSeen() {
    String root = pinned().replace("maven-jar-plugin", "maven-ear-plugin");
    assertEquals(1, Versions.loose(root, List.of()).size());
    assertEquals(List.of(), Versions.loose(pinned(), List.of()));
  }

  @Test
  void rangesOfNpmAreSeen() {
    assertEquals(1, Versions.looseNpm("{\"dependencies\": {\"ws\": \"^8.0.0\"}}").size());
    assertEquals(1, Versions.looseNpm("{\"dependencies\": {\"@a/b-c\": \"latest\"}}").size());
    String pinned = "{\"dependencies\": {\"ws\": \"8.0.0\"}, \"engines\": {\"node\": \">=20\"}}";
    assertEquals(List.of(), Versions.looseNpm(pinned));
  }

  private static String pinned() {
    var plugins = new StringBuilder();
    for (String name : List.of("clean", "resources", "compiler", "surefire", "jar", "install")) {
      plugins.append("<plugin><artifactId>maven-").append(name);
      plugins.append("-plugin</artifactId><version>1</version></plugin>");
    }
    return "<project><a/><pluginManagement>" + plugins + "</pluginManagement></project>";
  }
}
