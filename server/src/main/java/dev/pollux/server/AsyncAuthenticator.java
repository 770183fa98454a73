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
  ///   [HttpException] to refuse the WebSocket with that status from 300 on. Anything else that it
  ///   is completed with or that is thrown, also an [Error], and no stage at all is a failure: `500
  ///   Internal Server Error`, logged and counted ([ServerStatistics#failures]). What a stage is
  ///   completed with later, or again, is ignored
  /// @throws HttpException to refuse it at once
  CompletionStage<? extends @Nullable Principal> authenticate(UpgradeRequest request)
      throws HttpException;
}
