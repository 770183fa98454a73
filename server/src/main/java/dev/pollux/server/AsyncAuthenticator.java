package dev.pollux.server;

import dev.pollux.websocket.HttpException;
import java.security.Principal;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Says who a client is, as [Authenticator] does, but later: it may ask somebody else meanwhile.
/// The connection waits, with reading suspended, at most as long as a handshake may take; then the
/// client gets `503 Service Unavailable`.
@FunctionalInterface
public interface AsyncAuthenticator {

  /// Called as [Authenticator#authenticate] is; it must not block, but the stage may be completed
  /// by any thread.
  ///
  /// @return completed with whom the client is taken for or null; or exceptionally, with an
  ///   [HttpException] to refuse the WebSocket with that status (any other exception is 500)
  /// @throws HttpException to refuse it at once
  CompletionStage<? extends @Nullable Principal> authenticate(UpgradeRequest request)
      throws HttpException;
}
