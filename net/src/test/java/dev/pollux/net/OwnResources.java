package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The descriptors and platform threads that this process has: a test that opens engines leaves none behind.
record OwnResources(long descriptors, Set<Thread> threads) {
  static OwnResources now() {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return new OwnResources(open.count(), enginesThreads());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void assertNothingMoreThanThis() {
    try {
      Await.until(
          "no descriptor and no thread is left over",
          () -> now().descriptors <= descriptors && threads.containsAll(enginesThreads()));
    } catch (AssertionError e) {
      fail("before: " + this + "; now: " + now(), e);
    }
  }

  private static Set<Thread> enginesThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().matches("(pollux|client|writer|connect)-.*"))
        .collect(Collectors.toSet());
  }
}
