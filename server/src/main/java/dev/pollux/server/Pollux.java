package dev.pollux.server;

/// Where an application begins.
///
/// ```java
/// PolluxServer server =
///     Pollux.server().io(IoModel.EPOLL).port(8080).webSocket("/echo", new Echo()).start();
/// ```
public final class Pollux {
  private Pollux() {}

  /// A server to be described and then started.
  public static ServerBuilder server() {
    return new ServerBuilder();
  }
}
