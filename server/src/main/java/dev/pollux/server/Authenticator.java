package dev.pollux.server;

import dev.pollux.websocket.HttpException;
import java.security.Principal;
import org.jspecify.annotations.Nullable;

/// Says who a client is, from the request that asks for a WebSocket: a token, a cookie, a
/// certificate.
@FunctionalInterface
public interface Authenticator {

  /// Called once for each valid opening handshake whose `Origin` is allowed, before a handler is
  /// made, on the connection's thread: it must not block ([AsyncAuthenticator] is for that).
  ///
  /// @return whom the client is taken for, which [dev.pollux.session.WebSocket#principal] then
  ///   tells; null to let it in as nobody known
  /// @throws HttpException to refuse the WebSocket with that status, sentence and header fields,
  ///   for example 401 with `WWW-Authenticate`; from 300 on. Anything else that is thrown, also an
  ///   [Error], is a failure: `500 Internal Server Error`, logged and counted
  ///   ([ServerStatistics#failures])
  @Nullable Principal authenticate(UpgradeRequest request) throws HttpException;
}
