package dev.pollux.server;

import java.net.InetSocketAddress;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The request that asks for a WebSocket, for the factory that makes its handler. It is not kept:
/// what the handler needs of it later (apart from path, query and subprotocol, which the WebSocket
/// knows) has to be copied.
public interface UpgradeRequest {

  /// The path, without the query: `/chat`.
  String path();

  /// The query as it was sent, without `?`, or null.
  @Nullable String query();

  /// The first value of the header of that name (in any case), or null.
  @Nullable String header(String name);

  /// The subprotocols that the client offers, in its order of preference (RFC 6455 §4.1).
  List<String> subprotocols();

  /// Whom the client was taken for, or null for nobody known. Before that was asked: the subject of
  /// the certificate that it has shown in the TLS handshake, or null.
  @Nullable Principal principal();

  /// The certificates that the client has shown in the TLS handshake, which the server's
  /// authorities vouch for, its own first; empty if it has shown none, and in clear.
  List<X509Certificate> peerCertificates();

  /// The peer's address, or null if it could not be had
  /// ([dev.pollux.net.Connection#remoteAddress]).
  @Nullable InetSocketAddress remoteAddress();
}
