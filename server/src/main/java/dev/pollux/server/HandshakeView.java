package dev.pollux.server;

import dev.pollux.net.Connection;
import dev.pollux.net.tls.SecureConnection;
import dev.pollux.websocket.HttpRequest;
import java.net.InetSocketAddress;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The request of an opening handshake as the application sees it.
record HandshakeView(HttpRequest request, Connection connection, @Nullable Principal principal)
    implements UpgradeRequest {

  /// Before anybody was asked who the client is.
  static HandshakeView of(HttpRequest request, Connection connection) {
    List<X509Certificate> shown = certificatesOf(connection);
    Principal subject = shown.isEmpty() ? null : shown.getFirst().getSubjectX500Principal();
    return new HandshakeView(request, connection, subject);
  }

  private static List<X509Certificate> certificatesOf(Connection connection) {
    return connection instanceof SecureConnection secure ? secure.peerCertificates() : List.of();
  }

  @Override
  public @Nullable InetSocketAddress remoteAddress() {
    return connection.remoteAddress();
  }

  @Override
  public List<X509Certificate> peerCertificates() {
    return certificatesOf(connection);
  }

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
