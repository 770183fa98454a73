/// The WebSocket session over a connection, the same on the server and on the client.
///
/// An application meets two types: it implements [dev.pollux.session.WebSocketHandler] and is
/// handed a [dev.pollux.session.WebSocket].
@NullMarked
package dev.pollux.session;

import org.jspecify.annotations.NullMarked;
