package dev.pollux.net;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The descriptors and platform threads that this process has: a test that opens engines leaves
/// none behind.
///
/// Descriptors are told apart and not counted: one that an earlier test left to the garbage
/// collector may be closed at any time.
///
/// @param descriptors each with what it is open on; a socket's number is never used again
record OwnResources(Set<String> descriptors, Set<Thread> threads) {
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
      return new OwnResources(
          open.map(OwnResources::named)
              .filter(name -> !name.isEmpty())
              .collect(Collectors.toUnmodifiableSet()),
          enginesThreads());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Empty for one that is not there any more, and for the one by which they are listed.
  private static String named(Path descriptor) {
    try {
      String open = Files.readSymbolicLink(descriptor).toString();
      return open.matches("/proc/\\d+/fd") ? "" : descriptor.getFileName() + " " + open;
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Those of now that were not there.
  Set<String> descriptorsOpenedSince() {
    Set<String> opened = new TreeSet<>(now().descriptors);
    opened.removeAll(descriptors);
    return opened;
  }

  void assertNothingMoreThanThis() {
    try {
      Await.until(
          "no descriptor and no thread is left over",
          () -> descriptorsOpenedSince().isEmpty() && threads.containsAll(enginesThreads()));
    } catch (AssertionError e) {
      fail("opened: " + descriptorsOpenedSince() + "; threads: " + enginesThreads(), e);
    }
  }

  private static Set<Thread> enginesThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().matches("(pollux|client|writer|connect)-.*"))
        .collect(Collectors.toSet());
  }
}
