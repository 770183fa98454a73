package dev.pollux.client;

import dev.pollux.net.Connection;
import dev.pollux.net.Protocol;
import dev.pollux.websocket.DeflateParameters;
import org.jspecify.annotations.Nullable;

/// An [UpgradedProtocol] that may speak with compression.
///
/// @param <P> the protocol that takes over
@FunctionalInterface
public interface AgreedProtocol<P extends Protocol> {

  /// Makes what the connection speaks, as [UpgradedProtocol#protocolFor] does.
  ///
  /// @param agreed what both sides keep to with permessage-deflate, or null
  P protocolFor(
      Connection connection, @Nullable String subprotocol, @Nullable DeflateParameters agreed);
}
