/// The WebSocket session over a connection.
@NullMarked
package dev.pollux.session;

import org.jspecify.annotations.NullMarked;
