package dev.pollux.net.simulation;

import dev.pollux.sys.Epoll;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// A socket that listens: connections that are there and wait to be accepted.
final class ListeningFile extends OpenFile {
  private final Network network;
  private final int port;
  private final int backlog;
  private final ArrayDeque<TcpEnd> queue = new ArrayDeque<>();

  ListeningFile(Network network, int port, int backlog) {
    this.network = network;
    this.port = port;
    this.backlog = backlog;
  }

  int port() {
    return port;
  }

  boolean hasRoom() {
    return queue.size() <= backlog;
  }

  void add(TcpEnd accepted) {
    queue.addLast(accepted);
    wake(Epoll.EPOLLIN);
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  @Nullable TcpEnd accept() {
    return queue.pollFirst();
  }

  @Override
  int readiness() {
    return queue.isEmpty() ? 0 : Epoll.EPOLLIN;
  }

  @Override
  void closed() {
    network.unbind(this);
    while (!queue.isEmpty()) {
      queue.removeFirst().close(true);
    }
  }
}
