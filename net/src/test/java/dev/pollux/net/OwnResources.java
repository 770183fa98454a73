package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The descriptors and platform threads that this process has: a test that opens engines leaves
/// none behind.
record OwnResources(long descriptors, Set<Thread> threads) {
  static {
    // The JDK keeps a descriptor from the first socket that it closes: not ours, so it is there
    // before we count.
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
      client.setSoTimeout(1);
      client.getInputStream().read();
    } catch (SocketTimeoutException e) {
      // As expected: a timed read opens what the JDK wants for it.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

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
