/// A WebSocket client on the same engines, with the same handlers, as the server.
///
/// It begins at [dev.pollux.client.PolluxClient#builder].
@NullMarked
package dev.pollux.client;

import org.jspecify.annotations.NullMarked;
