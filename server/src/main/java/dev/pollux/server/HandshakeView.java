package dev.pollux.server;

import dev.pollux.websocket.HttpRequest;
import java.net.InetSocketAddress;
import java.security.Principal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The request of an opening handshake as the application sees it.
record HandshakeView(
    HttpRequest request, @Nullable InetSocketAddress remoteAddress, @Nullable Principal principal)
    implements UpgradeRequest {

  @Override
  public String path() {
    return request.path();
  }

  @Override
  public @Nullable String query() {
    return request.query();
  }

  @Override
  public @Nullable String header(String name) {
    return request.header(name);
  }

  @Override
  public List<String> subprotocols() {
    return request.fields().elements("Sec-WebSocket-Protocol");
  }
}
