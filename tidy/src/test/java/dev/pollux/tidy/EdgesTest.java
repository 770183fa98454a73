package dev.pollux.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.EvaluationResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// [Edges] over the classes of every module.
final class EdgesTest {

  @TestFactory
  Stream<DynamicTest> theHouse() {
    JavaClasses house =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.pollux");
    assertTrue(house.contain("dev.pollux.sys.package-info"), "the house is on the class path");
    return Edges.rules().stream()
        .map(rule -> dynamicTest(rule.getDescription(), () -> rule.check(house)));
  }

  @TestFactory
  Stream<DynamicTest> badClasses(@TempDir Path folder) throws IOException {
    var samples =
        List.of(
            new Sample("dev.pollux.<module>", "package dev.pollux.unheard; class NewModule {}"),
            new Sample(
                "edges point downward",
                "package dev.pollux.sys; class SysUsesNet { dev.pollux.net.Loop up; }"),
            new Sample(
                "edges point downward",
                "package dev.pollux.net; class NetUsesFrames { dev.pollux.websocket.Frame up; }"),
            new Sample(
                "edges point downward",
                "package dev.pollux.websocket; class FramesUseSys { dev.pollux.sys.Call down; }"),
            new Sample(
                "edges point downward",
                "package dev.pollux.session; class SessionUsesServer { dev.pollux.server.Up up; }"),
            new Sample(
                "edges point downward",
                "package dev.pollux.server; class ServerUsesCli { dev.pollux.cli.Main up; }"),
            new Sample(
                "keep to the JDK",
                "package dev.pollux.net; class UsesJunit { org.junit.jupiter.api.Test other; }"),
            new Sample(
                "native access is in sys",
                "package dev.pollux.net; class UsesLinker { java.lang.foreign.Linker.Option o; }"),
            new Sample(
                "native access is in sys",
                "package dev.pollux.net; class UsesSymbols { java.lang.foreign.SymbolLookup s; }"),
            new Sample(
                "segment with its size",
                """
                package dev.pollux.net;
                class Reinterprets {
                  Object o(java.lang.foreign.MemorySegment s) { return s.reinterpret(1); }
                }
                """),
            new Sample(
                "segment with its size",
                """
                package dev.pollux.net;
                import java.lang.foreign.MemorySegment;
                class ReinterpretsByReference {
                  java.util.function.BiFunction<MemorySegment, Long, Object> r =
                      MemorySegment::reinterpret;
                }
                """),
            new Sample(
                "packages named internal",
                "package dev.pollux.net; class UsesInternal { dev.pollux.sys.internal.Hidden h; }"),
            new Sample(
                "System.Logger is net's",
                "package dev.pollux.server; class LogsToPlatform { System.Logger log; }"),
            new Sample(
                "System.Logger is net's",
                "package dev.pollux.session; class LogsToJul { java.util.logging.Logger log; }"),
            new Sample(
                "net logs with System.Logger",
                "package dev.pollux.net; class LogsToSlf4j { org.slf4j.Logger log; }"),
            new Sample(
                "only a command line",
                "package dev.pollux.server; class Prints { Object console = System.err; }"),
            new Sample(
                "only a command line",
                """
                package dev.pollux.net;
                class PrintsTraces { void m(RuntimeException e) { e.printStackTrace(); } }
                """),
            new Sample(
                "accessors are nouns",
                "package dev.pollux.net; public class Gets { public int getPort() { return 0; }"
                    + " }"));
    var others =
        Stream.of(
            "package dev.pollux.net; public class Loop {}",
            "package dev.pollux.websocket; public class Frame {}",
            "package dev.pollux.sys; public class Call {}",
            "package dev.pollux.sys.internal; public class Hidden {}",
            "package dev.pollux.server; public class Up {}",
            "package dev.pollux.cli; public class Main {}");
    var reports =
        reports(folder, Stream.concat(samples.stream().map(Sample::source), others).toList());
    return samples.stream()
        .map(sample -> dynamicTest(sample.name(), () -> assertTrue(sample.isIn(reports))));
  }

  @Test
  void goodClassesBreakNoRule(@TempDir Path folder) throws IOException {
    var reports =
        reports(
            folder,
            List.of(
                """
                package dev.pollux.net;
                public class Loop {
                  System.Logger log = System.getLogger("net");
                  public int[] port() { return new int[] {dev.pollux.sys.Call.nothing()}; }
                }
                """,
                """
                package dev.pollux.sys;
                public class Call extends Exception {
                  @Override public String getMessage() { return ""; }
                  public static int nothing() { return dev.pollux.sys.internal.Layout.bytes(); }
                }
                """,
                """
                package dev.pollux.sys.internal;
                public class Layout {
                  public static int bytes() { return 4; }
                  java.lang.foreign.Linker linker;
                  Object o(java.lang.foreign.MemorySegment s) { return s.reinterpret(1); }
                }
                """,
                "package dev.pollux.server; class SkipsAFloor { dev.pollux.net.Loop loop; }",
                "package dev.pollux.server; class Logs { org.slf4j.Logger log; }",
                "package dev.pollux.cli; class Main { Object console = System.out; }"));
    assertEquals(List.of(), reports);
  }

  /// @param rule what the description of the rule contains that the class breaks
  private record Sample(String rule, String source) {

    String name() {
      return source.replaceFirst("(?s).*?class (\\w+).*", "$1");
    }

    boolean isIn(List<String> reports) {
      return reports.stream().anyMatch(it -> it.contains(rule) && it.contains("." + name()));
    }
  }

  /// What each broken rule says about the classes of `sources`.
  private static List<String> reports(Path folder, List<String> sources) throws IOException {
    var files = new ArrayList<Path>();
    for (String source : sources) {
      String name = new Sample("", source).name();
      Path file = folder.resolve(String.valueOf(files.size())).resolve(name + ".java");
      Files.createDirectories(file.getParent());
      files.add(Files.writeString(file, source));
    }
    var compiler = ToolProvider.getSystemJavaCompiler();
    Path classes = folder.resolve("classes");
    var options = List.of("-d", classes.toString(), "-proc:none");
    try (var fileManager = compiler.getStandardFileManager(null, null, null)) {
      var units = fileManager.getJavaFileObjectsFromPaths(files);
      assertTrue(compiler.getTask(null, fileManager, null, options, null, units).call());
    }
    JavaClasses imported = new ClassFileImporter().importPath(classes);
    assertFalse(imported.isEmpty());
    return Edges.rules().stream()
        .map(rule -> rule.evaluate(imported))
        .filter(EvaluationResult::hasViolation)
        .map(result -> result.getFailureReport().toString())
        .toList();
  }
}
