/// A WebSocket server: listening, routes, limits, stopping.
///
/// [dev.pollux.server.Pollux#server] is where it begins.
@NullMarked
package dev.pollux.server;

import org.jspecify.annotations.NullMarked;
