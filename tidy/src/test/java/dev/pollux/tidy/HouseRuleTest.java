package dev.pollux.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// [HouseRule]s over every Java file.
final class HouseRuleTest {

  private static final String PACKAGE_INFO =
      "/// The calls.\n@NullMarked\npackage dev.pollux.sys;\n";

  @TestFactory
  Stream<DynamicTest> theHouse() {
    List<Source> sources = Checkout.here().sources();
    assertTrue(sources.size() > 10, "found " + sources.size() + " sources");
    return HouseRule.all().entrySet().stream()
        .map(rule -> dynamicTest(rule.getKey(), () -> assertKept(rule.getValue(), sources)));
  }

  private static void assertKept(HouseRule rule, List<Source> sources) {
    List<String> breaches = rule.breaches(sources);
    if (!breaches.isEmpty()) {
      fail(String.join("\n  ", "the house says:", String.join("\n  ", breaches)));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "class SocketManager {}",
        "final class Utils {}",
        "interface ByteUtil<T> {}",
        "enum RingHelper { A }",
        "record PollerImpl(int fd) {}",
        "sealed interface BasePoller permits A {}",
        "abstract class AbstractPoller extends A {}",
        "abstract class Base{}"
      })
  void namesThatSayNothingAreRefused(String bad) {
    assertRefused("names say what is different", main(bad));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "class Baseline {}",
        "class Implied {}",
        "class Abstraction {}",
        "class Utility {}",
        "// class Utils {}\nclass A { String s = \"class Utils {}\"; Object o = A.class; }",
        "class A { String s = \"\"\"\n class BaseA { \"quoted\" \\\"\"\" class Utils {}\n\"\"\"; }"
      })
  void otherNamesPass(String good) {
    assertEquals(List.of(), rule("names say what is different").breaches(List.of(main(good))));
  }

  @Test
  void javadocOfTheOldKindIsRefused() {
    assertRefused("docs are Markdown", main("/** Old. */\nclass A {}"));
    assertRefused("docs are Markdown", main("class A {\n  /**\n   * Old.\n   */\n  int a;\n}"));
    assertKept(
        rule("docs are Markdown"), List.of(main("/// New.\nclass A { String s = \"/**\"; }")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"// TODO: later", "/* FIXME */", "/// XXX why?"})
  void notesToSelfAreRefused(String bad) {
    assertRefused("no notes to self", main("class A {}\n" + bad + "\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Thread.sleep(10)", "Thread\n .sleep(1)", "TimeUnit.MILLISECONDS.sleep(5)"})
  void sleepingTestsAreRefused(String bad) {
    assertRefused("tests do not sleep", test("class A { void m() { " + bad + "; } }"));
    assertKept(rule("tests do not sleep"), List.of(main("class A { void m() { " + bad + "; } }")));
  }

  @Test
  void disabledTestsAreRefused() {
    assertRefused("tests are not disabled", test("class A { @Test @Disabled void m() {} }"));
  }

  @Test
  void packagesWithoutNullMarkedAreRefused() {
    var rule = rule("packages are null-marked");
    assertFalse(rule.breaches(List.of(main("class A {}"))).isEmpty());
    var unmarked = info("main", "sys", "/// The calls.\npackage dev.pollux.sys;\n");
    assertFalse(rule.breaches(List.of(unmarked)).isEmpty());
    var commented = info("main", "sys", "// @NullMarked\npackage dev.pollux.sys;\n");
    assertFalse(rule.breaches(List.of(commented)).isEmpty());
    var marked = info("main", "sys", PACKAGE_INFO);
    assertKept(rule, List.of(marked, main("class A {}"), test("class B {}")));
    assertFalse(rule.breaches(List.of(marked, info("test", "sys/fake", ""))).isEmpty());
  }

  @Test
  void packagesOfAnotherModuleAreRefused() {
    var rule = rule("packages are the module's");
    assertEquals(1, rule.breaches(List.of(main("package dev.pollux.net;"))).size());
    assertEquals(1, rule.breaches(List.of(main("package dev.pollux.system;"))).size());
    assertEquals(1, rule.breaches(List.of(main("package dev.pollux.example;"))).size());
    assertEquals(1, rule.breaches(List.of(test("package dev.pollux.examples;"))).size());
    assertKept(rule, List.of(main("package dev.pollux.sys.internal;")));
    assertKept(rule, List.of(main("package dev.pollux.sys;"), test("package dev.pollux.example;")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@SuppressWarnings(\"restricted\")\nclass A {}",
        "/// What it is.\n@SuppressWarnings(\"restricted\")\nclass A {}",
        "//\n@SuppressWarnings(\"restricted\")\nclass A {}"
      })
  void suppressionsWithoutAReasonAreRefused(String bad) {
    assertRefused("suppressions have a reason", main(bad));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "// the handles are checked\n@SuppressWarnings(\"restricted\")\nclass A {}",
        "@SuppressWarnings(\"restricted\") // the handles are checked\nclass A {}"
      })
  void suppressionsWithAReasonPass(String good) {
    assertKept(rule("suppressions have a reason"), List.of(main(good)));
  }

  @Test
  void longFilesAreRefused() {
    assertRefused("files are short", main("\n".repeat(HouseRule.MAX_MAIN_LINES + 1)));
    assertKept(rule("files are short"), List.of(main("\n".repeat(HouseRule.MAX_MAIN_LINES))));
  }

  @Test
  void aBreachSaysWhereAndWhatInstead() {
    assertEquals(
        List.of("sys/src/main/java/dev/pollux/sys/A.java:2: `/**`: write /// and Markdown"),
        rule("docs are Markdown").breaches(List.of(main("\n/** Old. */"))));
  }

  private static void assertRefused(String rule, Source bad) {
    assertEquals(1, rule(rule).breaches(List.of(bad)).size(), bad.text());
  }

  private static HouseRule rule(String name) {
    return Objects.requireNonNull(HouseRule.all().get(name), name);
  }

  private static Source main(String text) {
    return new Source(Path.of("sys/src/main/java/dev/pollux/sys/A.java"), text);
  }

  private static Source test(String text) {
    return new Source(Path.of("sys/src/test/java/dev/pollux/sys/A.java"), text);
  }

  private static Source info(String set, String folder, String text) {
    String path = "sys/src/" + set + "/java/dev/pollux/" + folder + "/package-info.java";
    return new Source(Path.of(path), text);
  }
}
