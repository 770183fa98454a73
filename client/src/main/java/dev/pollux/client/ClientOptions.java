package dev.pollux.client;

import dev.pollux.session.SessionOptions;
import dev.pollux.websocket.CompressionOptions;
import java.time.Duration;

/// What all connections of a client are bound by.
record ClientOptions(
    SessionOptions sessions,
    Duration connectTimeout,
    Duration handshakeTimeout,
    Duration stopGrace) {

  private static final Duration LONGEST = Duration.ofHours(1);

  ClientOptions {
    requireBounded("connectTimeout", connectTimeout);
    requireBounded("handshakeTimeout", handshakeTimeout);
  }

  static ClientOptions defaults() {
    return new ClientOptions(
        SessionOptions.defaults().withCompression(CompressionOptions.DEFAULT),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(5));
  }

  ClientOptions withSessions(SessionOptions options) {
    return new ClientOptions(options, connectTimeout, handshakeTimeout, stopGrace);
  }

  ClientOptions withConnectTimeout(Duration time) {
    return new ClientOptions(sessions, time, handshakeTimeout, stopGrace);
  }

  ClientOptions withHandshakeTimeout(Duration time) {
    return new ClientOptions(sessions, connectTimeout, time, stopGrace);
  }

  ClientOptions withStopGrace(Duration time) {
    return new ClientOptions(sessions, connectTimeout, handshakeTimeout, time);
  }

  private static void requireBounded(String name, Duration time) {
    if (time.isNegative() || time.isZero() || time.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          name + " is " + time + "; it must be more than 0 and at most 1 hour");
    }
  }
}
