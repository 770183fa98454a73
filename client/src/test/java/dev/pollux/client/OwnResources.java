package dev.pollux.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// The threads and descriptors of this process, to see whether a test has left some behind.
///
/// @param threads those that are Pollux's or serve a client of it
/// @param sockets how many sockets, epoll and event descriptors are open
record OwnResources(Set<Thread> threads, long sockets) {

  static {
    // From its first socket on the JDK keeps a descriptor of its own (it is dup'ed over sockets
    // that are closed).
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var client = new Socket(server.getInetAddress(), server.getLocalPort())) {
      client.setTcpNoDelay(true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static OwnResources now() {
    Set<Thread> threads =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().matches("(pollux|client|writer|connect).*"))
            .collect(Collectors.toSet());
    return new OwnResources(threads, countSockets());
  }

  /// What there is now and was not then.
  List<String> moreNow() {
    OwnResources now = now();
    List<String> more = new ArrayList<>();
    for (Thread thread : now.threads) {
      if (!threads.contains(thread)) {
        more.add(thread.getName());
      }
    }
    if (now.sockets > sockets) {
      more.add(now.sockets - sockets + " descriptors");
    }
    return more;
  }

  private static long countSockets() {
    try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors.filter(OwnResources::isSocket).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isSocket(Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.startsWith("socket:")
          || target.equals("anon_inode:[eventpoll]")
          || target.equals("anon_inode:[eventfd]");
    } catch (IOException e) {
      // Closed meanwhile: the list is a moment old.
      return false;
    }
  }
}
