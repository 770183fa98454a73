package dev.pollux.server;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/// Who may open a WebSocket, and how long that may take to find out.
///
/// @param handshakeTimeout how long a client has for its request, and then the authenticator for
///   its answer
record Admission(
    OriginPolicy origins, AsyncAuthenticator authenticator, Duration handshakeTimeout) {

  /// Lets everybody in, as the certificate shown says, else as nobody known.
  static final AsyncAuthenticator NOBODY_ASKS =
      request -> CompletableFuture.completedFuture(request.principal());
}
