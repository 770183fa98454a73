package dev.pollux.server;

import dev.pollux.net.EngineStatistics;
import dev.pollux.net.Protocol;
import dev.pollux.session.SessionOptions;
import dev.pollux.session.Sessions;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;

/// What the connections of one server share before they are sessions.
final class HttpService {
  final LongAdder requests = new LongAdder();
  final LongAdder badRequests = new LongAdder();
  final LongAdder handshakeTimeouts = new LongAdder();

  private final Routes routes;
  private final Sessions sessions;
  private final long handshakeTimeoutNanos;
  private volatile boolean stopping;

  HttpService(
      Routes routes, SessionOptions options, Executor offloadPool, Duration handshakeTimeout) {
    this.routes = routes;
    this.sessions = new Sessions(options, offloadPool);
    this.handshakeTimeoutNanos = handshakeTimeout.toNanos();
  }

  Protocol newConnection() {
    return new HttpProtocol(this);
  }

  Routes routes() {
    return routes;
  }

  Sessions sessions() {
    return sessions;
  }

  long handshakeTimeoutNanos() {
    return handshakeTimeoutNanos;
  }

  /// From now on each request is answered with 503.
  void stop() {
    stopping = true;
  }

  boolean isStopping() {
    return stopping;
  }

  ServerStatistics statistics(EngineStatistics engine) {
    return new ServerStatistics(
        engine, sessions.statistics(), requests.sum(), badRequests.sum(), handshakeTimeouts.sum());
  }
}
