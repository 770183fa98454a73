package dev.pollux.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Compares the sockets, pipes and anonymous inodes of the process before and after a class. (Files
/// are left out: the JVM opens jars when it likes.)
final class NoDescriptorLeft implements ExecutionCondition, BeforeAllCallback, AfterAllCallback {

  private Map<Integer, String> before = Map.of();

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    String why = LinuxKernel.whyUnavailable();
    return why == null
        ? ConditionEvaluationResult.enabled("the kernel can be called")
        : ConditionEvaluationResult.disabled(why);
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    before = open();
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    assertEquals(before, open(), "descriptors before and after " + context.getDisplayName());
  }

  private static Map<Integer, String> open() throws IOException {
    Map<Integer, String> result = new TreeMap<>();
    try (Stream<Path> entries = Files.list(Path.of("/proc/self/fd"))) {
      for (Path entry : entries.toList()) {
        String target = target(entry);
        if (target.startsWith("socket:")
            || target.startsWith("pipe:")
            || target.startsWith("anon_inode:")) {
          result.put(Integer.valueOf(entry.getFileName().toString()), target);
        }
      }
    }
    return result;
  }

  private static String target(Path entry) {
    try {
      return Files.readSymbolicLink(entry).toString();
    } catch (IOException e) {
      // The descriptor of the listing itself is gone by now.
      return "";
    }
  }
}
