package dev.pollux.server;

import dev.pollux.net.Connection;
import dev.pollux.net.EngineStatistics;
import dev.pollux.net.MemoryBudget;
import dev.pollux.net.Protocol;
import dev.pollux.session.RateLimitedLog;
import dev.pollux.session.SessionOptions;
import dev.pollux.session.Sessions;
import dev.pollux.websocket.HttpException;
import dev.pollux.websocket.HttpResponse;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// What the connections of one server share before they are sessions.
final class HttpService {
  /// Made beforehand, so that it can be said whatever has failed.
  private static final byte[] FAILED = HttpResponse.text(500, "the server failed").bytes();

  final LongAdder requests = new LongAdder();
  final LongAdder badRequests = new LongAdder();
  final LongAdder handshakeTimeouts = new LongAdder();

  private final LongAdder failures = new LongAdder();
  private final RateLimitedLog failureLog = log();
  private final RateLimitedLog nameless = log();
  private final Routes routes;
  private final MemoryBudget memory;
  private final Sessions sessions;
  private final Admission admission;
  private volatile boolean stopping;

  HttpService(
      Routes routes,
      SessionOptions options,
      MemoryBudget memory,
      Executor offloadPool,
      Admission admission) {
    this.routes = routes;
    this.memory = memory;
    this.sessions = new Sessions(options, memory, offloadPool);
    this.admission = admission;
  }

  private static RateLimitedLog log() {
    return new RateLimitedLog(LoggerFactory.getLogger(PolluxServer.class));
  }

  Protocol newConnection() {
    return new HttpProtocol(this);
  }

  MemoryBudget memory() {
    return memory;
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

  /// The end of a request that is not served: an [HttpException] is told to the client as it says,
  /// anything else (and a refusal that can't be said) is a failure of ours, which the client learns
  /// of by 500 and nothing more. As the owner; nothing is thrown.
  ///
  /// @param path of the request or the route, for the log
  void refuse(Connection connection, String path, Throwable why) {
    badRequests.increment();
    byte[] response = FAILED;
    Throwable failure = why;
    if (why instanceof HttpException refused) {
      try {
        response = HttpResponse.refusal(refused).bytes();
        failure = null;
      } catch (Throwable noRefusal) {
        failure = noRefusal;
      }
    }
    answer(connection, path, response);
    if (failure != null) {
      failed(path, failure);
    }
  }

  /// Answers a request and ends its connection; by a reset if that fails, because nobody knows how
  /// much of the answer is out. As the owner; nothing is thrown.
  void answer(Connection connection, String path, byte[] response) {
    try {
      connection.write(MemorySegment.ofArray(response), 0, response.length);
      connection.close();
    } catch (Throwable failure) {
      connection.abort();
      failed(path, failure);
    }
  }

  /// Counts and logs what an authenticator, a factory, a handler's first methods or a page have
  /// thrown, or we ourselves. Any thread; nothing is thrown.
  void failed(String path, Throwable failure) {
    failures.increment();
    try {
      failureLog.log(Level.ERROR, "a request failed", path, failure);
    } catch (Throwable unprintable) {
      logNameOf(failure);
    }
  }

  /// An exception may throw when it is asked for its text.
  private void logNameOf(Throwable failure) {
    try {
      nameless.log(Level.ERROR, "a request failed, with", failure.getClass().getName());
    } catch (Throwable nothingIsLogged) {
      // The count tells.
    }
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
        engine,
        sessions.statistics(),
        requests.sum(),
        badRequests.sum(),
        handshakeTimeouts.sum(),
        failures.sum(),
        memory.statistics());
  }
}
