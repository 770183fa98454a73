package dev.pollux.server;

import dev.pollux.net.Connection;
import dev.pollux.net.EngineStatistics;
import dev.pollux.net.Protocol;
import dev.pollux.session.SessionOptions;
import dev.pollux.session.Sessions;
import dev.pollux.websocket.HttpException;
import dev.pollux.websocket.HttpResponse;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;

/// What the connections of one server share before they are sessions.
final class HttpService {
  final LongAdder requests = new LongAdder();
  final LongAdder badRequests = new LongAdder();
  final LongAdder handshakeTimeouts = new LongAdder();

  private final Routes routes;
  private final Sessions sessions;
  private final Admission admission;
  private volatile boolean stopping;

  HttpService(Routes routes, SessionOptions options, Executor offloadPool, Admission admission) {
    this.routes = routes;
    this.sessions = new Sessions(options, offloadPool);
    this.admission = admission;
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
    return admission.handshakeTimeout().toNanos();
  }

  OriginPolicy origins() {
    return admission.origins();
  }

  AsyncAuthenticator authenticator() {
    return admission.authenticator();
  }

  /// Answers a request with a refusal, which ends its connection.
  void refuse(Connection connection, HttpException refused) {
    badRequests.increment();
    byte[] response = HttpResponse.refusal(refused).bytes();
    connection.write(MemorySegment.ofArray(response), 0, response.length);
    connection.close();
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
