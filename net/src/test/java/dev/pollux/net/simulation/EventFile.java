package dev.pollux.net.simulation;

import dev.pollux.sys.Epoll;

/// eventfd(2): a counter.
final class EventFile extends OpenFile {
  private long counter;

  EventFile(long initialValue) {
    counter = initialValue;
  }

  void add(long value) {
    counter += value;
    wake(Epoll.EPOLLIN);
  }

  /// The value, which is zero afterwards.
  long take() {
    long value = counter;
    counter = 0;
    if (value != 0) {
      wake(Epoll.EPOLLOUT);
    }
    return value;
  }

  @Override
  int readiness() {
    return counter > 0 ? Epoll.EPOLLIN | Epoll.EPOLLOUT : Epoll.EPOLLOUT;
  }
}
