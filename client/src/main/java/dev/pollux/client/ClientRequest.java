package dev.pollux.client;

import dev.pollux.session.Opening;
import dev.pollux.websocket.ClientHandshake;
import dev.pollux.websocket.Extension;
import dev.pollux.websocket.HttpFields;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is asked of a server, and how it is reached. Immutable; one request serves any number of
/// connections.
public final class ClientRequest {
  /// Fields that the opening handshake sets by itself (RFC 6455 §4.1).
  private static final Set<String> OF_THE_HANDSHAKE =
      Set.of(
          "host",
          "upgrade",
          "connection",
          "content-length",
          "transfer-encoding",
          "sec-websocket-key",
          "sec-websocket-version",
          "sec-websocket-protocol",
          "sec-websocket-extensions");

  private final URI uri;
  private final List<String> subprotocols;
  private final HttpFields headers;
  private final @Nullable InetSocketAddress remote;
  private final @Nullable InetAddress local;
  private final Opening opening;

  private ClientRequest(
      URI uri,
      List<String> subprotocols,
      HttpFields headers,
      @Nullable InetSocketAddress remote,
      @Nullable InetAddress local) {
    this.uri = uri;
    this.subprotocols = List.copyOf(subprotocols);
    this.headers = headers;
    this.remote = remote;
    this.local = local;
    String path = uri.getRawPath();
    this.opening =
        new Opening(path == null || path.isEmpty() ? "/" : path, uri.getRawQuery(), null, null);
    // Whatever is wrong is said now and not at the first connection.
    handshake(new byte[ClientHandshake.NONCE_BYTES], List.of());
  }

  /// A request for `uri`.
  ///
  /// @param uri `ws:` or `wss:`, with a host and without user and fragment (RFC 6455 §3)
  /// @throws IllegalArgumentException if it is not such a URI
  public static ClientRequest to(URI uri) {
    return new ClientRequest(uri, List.of(), HttpFields.NONE, null, null);
  }

  /// The same for a URI in text: `ws://127.0.0.1:8080/echo`.
  public static ClientRequest to(String uri) {
    return to(URI.create(uri));
  }

  /// Offers these subprotocols, the best first; the server chooses one of them, or none.
  ///
  /// @throws IllegalArgumentException if one is no token, or is named twice (RFC 6455 §4.1)
  public ClientRequest withSubprotocols(String... names) {
    return new ClientRequest(uri, List.of(names), headers, remote, local);
  }

  /// Sends one more header field: `Origin`, `Authorization`, `Cookie`.
  ///
  /// @throws IllegalArgumentException if it is no header field, or one that the handshake sets
  public ClientRequest withHeader(String name, String value) {
    if (OF_THE_HANDSHAKE.contains(name.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException("the header " + name + " is set by the handshake");
    }
    return new ClientRequest(uri, subprotocols, headers.with(name, value), remote, local);
  }

  /// Connects to this address whatever the URI's host is: a name need not be looked up again for
  /// each connection. The request still names the URI's host.
  public ClientRequest withRemoteAddress(@Nullable InetSocketAddress address) {
    return new ClientRequest(uri, subprotocols, headers, address, local);
  }

  /// Connects from this address of this machine. One address has about 28,000 ports towards one
  /// server (`net.ipv4.ip_local_port_range`).
  public ClientRequest withLocalAddress(@Nullable InetAddress address) {
    return new ClientRequest(uri, subprotocols, headers, remote, address);
  }

  public URI uri() {
    return uri;
  }

  public List<String> subprotocols() {
    return subprotocols;
  }

  /// The header fields besides those of the handshake.
  public HttpFields headers() {
    return headers;
  }

  /// Where to connect to instead of the URI's host, or null.
  public @Nullable InetSocketAddress remoteAddress() {
    return remote;
  }

  /// Where to connect from, or null for whatever the kernel takes.
  public @Nullable InetAddress localAddress() {
    return local;
  }

  /// What a session knows of this request; one object for all that agree upon no subprotocol.
  Opening opening() {
    return opening;
  }

  /// The port of the address, or the usual one of its scheme: 80, or 443 for `wss`.
  public int port() {
    return uri.getPort() >= 0 ? uri.getPort() : isSecure() ? 443 : 80;
  }

  /// Whether it is to be TLS.
  public boolean isSecure() {
    return "wss".equalsIgnoreCase(uri.getScheme());
  }

  /// The host without the brackets of an IPv6 address.
  String host() {
    String host = uri.getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  ClientHandshake handshake(byte[] nonce, List<Extension> offers) {
    return new ClientHandshake(uri, nonce, subprotocols, headers, offers);
  }

  @Override
  public String toString() {
    return uri.toString();
  }
}
