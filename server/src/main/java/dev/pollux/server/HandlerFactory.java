package dev.pollux.server;

import dev.pollux.session.WebSocketHandler;
import dev.pollux.websocket.HttpException;

/// Makes the handler of a WebSocket, or refuses it: by its `Origin`, a cookie, a token in the
/// query.
@FunctionalInterface
public interface HandlerFactory {

  /// Called once for each valid opening handshake, on the connection's thread: it must not block. A
  /// handler may be returned more than once.
  ///
  /// @throws HttpException to refuse the WebSocket with that status and sentence, for example 403
  WebSocketHandler handlerFor(UpgradeRequest request) throws HttpException;
}
