package dev.pollux.client;

import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import org.jspecify.annotations.Nullable;

/// Makes what a connection speaks when its opening handshake is done.
///
/// @param <P> the protocol that takes over
@FunctionalInterface
public interface UpgradedProtocol<P extends Protocol> {

  /// Called on the connection's thread, once, when the server's answer was found right. The
  /// connection is then handed over to what is returned.
  ///
  /// @param subprotocol what the server chose, or null
  P protocolFor(Connection connection, @Nullable String subprotocol);
}
