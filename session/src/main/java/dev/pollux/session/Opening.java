package dev.pollux.session;

import java.security.Principal;
import org.jspecify.annotations.Nullable;

/// What the opening handshake of a WebSocket said and agreed upon. Immutable; sessions whose
/// handshakes say the same may share one, so that it costs each of them a reference.
///
/// @param path the path of the request, without the query: `/chat`
/// @param query the query of the request as it was sent, without `?`, or null
/// @param subprotocol the subprotocol that was agreed upon, or null
/// @param principal whom the server took the client for, or null
public record Opening(
    String path,
    @Nullable String query,
    @Nullable String subprotocol,
    @Nullable Principal principal) {

  /// A path and nothing else.
  public static Opening of(String path) {
    return new Opening(path, null, null, null);
  }
}
