package dev.pollux.zlib;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.PaddingLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// zlib.h judges our `z_stream` and our constants, with each C compiler that is here: compiling the
/// claims is the proof, also for an architecture that can't be run.
class ZlibHeaderTest {
  private static final Path HEADERS = Path.of("/usr/include");

  @TempDir private Path folder = Path.of("");

  @ParameterizedTest
  @ValueSource(strings = {"cc", "musl-gcc", "x86_64-linux-gnu-gcc", "aarch64-linux-gnu-gcc"})
  void theHeaderAgrees(String compiler) throws Exception {
    Map<String, Long> facts = facts();
    assertEquals("", complaints(compiler, facts));
    facts.computeIfPresent("offsetof(z_stream, data_type)", (_, value) -> value + 4);
    String complaints = complaints(compiler, facts);
    assertTrue(complaints.contains("data_type) is not"), "a wrong number compiles: " + complaints);
  }

  private static Map<String, Long> facts() {
    Map<String, Long> facts = new LinkedHashMap<>();
    facts.put("sizeof(z_stream)", ZStream.LAYOUT.byteSize());
    for (MemoryLayout member : ZStream.LAYOUT.memberLayouts()) {
      if (!(member instanceof PaddingLayout)) {
        String name = member.name().orElseThrow();
        long offset = ZStream.LAYOUT.byteOffset(PathElement.groupElement(name));
        facts.put("offsetof(z_stream, " + name + ")", offset);
        facts.put("sizeof(((z_stream *) 0)->" + name + ")", member.byteSize());
      }
    }
    facts.put("sizeof(int)", 4L);
    facts.put("sizeof(size_t)", 8L);
    facts.put("Z_OK", (long) ZlibLibrary.Z_OK);
    facts.put("Z_STREAM_END", (long) ZlibLibrary.Z_STREAM_END);
    facts.put("Z_DATA_ERROR", (long) ZlibLibrary.Z_DATA_ERROR);
    facts.put("Z_MEM_ERROR", (long) ZlibLibrary.Z_MEM_ERROR);
    facts.put("Z_BUF_ERROR", (long) ZlibLibrary.Z_BUF_ERROR);
    facts.put("Z_NO_FLUSH", (long) ZlibLibrary.Z_NO_FLUSH);
    facts.put("Z_SYNC_FLUSH", (long) ZlibLibrary.Z_SYNC_FLUSH);
    facts.put("Z_DEFLATED", (long) ZlibLibrary.Z_DEFLATED);
    facts.put("Z_DEFAULT_STRATEGY", (long) ZlibLibrary.Z_DEFAULT_STRATEGY);
    assertFalse(facts.size() < 30, facts.size() + " facts");
    return facts;
  }

  private String complaints(String compiler, Map<String, Long> facts) throws Exception {
    assumeTrue(isThere(compiler), () -> "no " + compiler + " on this machine");
    assumeTrue(copied("zlib.h"), "no zlib.h on this machine (zlib1g-dev)");
    assumeTrue(copied("zconf.h"), "no zconf.h on this machine (zlib1g-dev)");
    StringBuilder source = new StringBuilder("#include <stddef.h>\n#include \"zlib.h\"\n");
    facts.forEach((expression, value) ->
        source.append(
            "_Static_assert((long long) (%s) == %d, \"%s is not %d\");\n"
                .formatted(expression, value, expression, value)));
    Path file = Files.writeString(folder.resolve("facts.c"), source);
    Process process =
        new ProcessBuilder(compiler, "-std=c11", "-Wall", "-fsyntax-only", file.toString())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    try (var reader = process.inputReader()) {
      String text = String.join("\n", reader.lines().toList());
      assertTrue(process.waitFor(120, TimeUnit.SECONDS), "the compiler does not end");
      return text;
    }
  }

  /// Beside the source, because another architecture's compiler does not look where it is.
  private boolean copied(String header) throws IOException {
    for (Path from : List.of(HEADERS, HEADERS.resolve("x86_64-linux-gnu"))) {
      if (Files.exists(from.resolve(header))) {
        Files.write(folder.resolve(header), Files.readAllBytes(from.resolve(header)));
        return true;
      }
    }
    return false;
  }

  private static boolean isThere(String command) {
    for (String path : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      if (Files.isExecutable(Path.of(path, command))) {
        return true;
      }
    }
    return false;
  }
}
