package dev.pollux.websocket;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.management.ManagementFactory;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What loops over a payload is too large for the compiler to inline (docs/decisions/0014): deep
/// inside other methods the reads and writes of the loop would be calls, and it not vectorised.
class LoopsApartTest {
  static Stream<Arguments> loops() {
    return Stream.of(
        Arguments.of(Masking.class, "mask"), Arguments.of(Utf8Validator.class, "step"));
  }

  @ParameterizedTest
  @MethodSource("loops")
  void isTooLargeToBeInlined(Class<?> type, String method) throws Exception {
    ClassModel compiled;
    try (InputStream file = type.getResourceAsStream(type.getSimpleName() + ".class")) {
      assertNotNull(file);
      compiled = ClassFile.of().parse(file.readAllBytes());
    }
    int bytes =
        compiled.methods().stream()
            .filter(found -> found.methodName().equalsString(method))
            .map(found -> (CodeAttribute) found.code().orElseThrow())
            .mapToInt(CodeAttribute::codeLength)
            .sum();
    int largestInlined = largestInlinedBytes();
    assertTrue(
        bytes > largestInlined,
        () -> bytes + " bytes of bytecode, up to " + largestInlined + " are inlined");
  }

  /// What this JVM inlines of what is called often: 325 bytes, unless it was told otherwise.
  private static int largestInlinedBytes() {
    HotSpotDiagnosticMXBean jvm =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    return Integer.parseInt(jvm.getVMOption("FreqInlineSize").getValue());
  }
}
