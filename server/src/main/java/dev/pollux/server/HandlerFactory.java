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
  /// Anything else that is thrown, also an [Error], or no handler is a failure: the client gets
  /// `500 Internal Server Error` and nothing more of it; it is logged and counted
  /// ([ServerStatistics#failures]). So is what the handler throws before its `onOpen`
  /// ([dev.pollux.session.StreamingHandler#wholeUpToBytes]).
  ///
  /// @throws HttpException to refuse the WebSocket with that status, from 300 on, and sentence, for
  ///   example 403
  WebSocketHandler handlerFor(UpgradeRequest request) throws HttpException;
}
