package dev.pollux.websocket;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The client's side of the opening handshake (RFC 6455 §4.1): the request, and whether the
/// response is the answer to it. Immutable.
public final class ClientHandshake {
  /// How many random bytes a key is made of (RFC 6455 §4.1).
  public static final int NONCE_BYTES = 16;

  private final URI uri;
  private final String key;
  private final List<String> subprotocols;
  private final HttpFields more;
  private final List<Extension> offers;

  /// @param uri `ws:` or `wss:`, with a host and without a fragment (RFC 6455 §3)
  /// @param nonce 16 random bytes, new for each connection
  /// @param subprotocols those that the client speaks, the best first
  /// @throws IllegalArgumentException for a URI, a nonce or a subprotocol that RFC 6455 forbids
  public ClientHandshake(URI uri, byte[] nonce, List<String> subprotocols) {
    this(uri, nonce, subprotocols, HttpFields.NONE);
  }

  /// @param more header fields to send besides, for example `Origin` or `Authorization`
  public ClientHandshake(URI uri, byte[] nonce, List<String> subprotocols, HttpFields more) {
    this(uri, nonce, subprotocols, more, List.of());
  }

  /// The same, with offers of extensions (RFC 6455 §9.1), such as [DeflateStreams#offer]; what the
  /// server makes of them is in [#extensions].
  ///
  /// @param offers in order of preference
  public ClientHandshake(
      URI uri, byte[] nonce, List<String> subprotocols, HttpFields more, List<Extension> offers) {
    if (!isScheme(uri, "ws") && !isScheme(uri, "wss")) {
      throw new IllegalArgumentException("not a ws: or wss: URI: " + uri);
    }
    if (uri.getHost() == null || uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "a WebSocket URI has a host, no user and no fragment (RFC 6455 §3): " + uri);
    }
    if (nonce.length != NONCE_BYTES) {
      throw new IllegalArgumentException("a nonce has 16 bytes, not " + nonce.length);
    }
    if (new HashSet<>(subprotocols).size() < subprotocols.size()
        || !subprotocols.stream().allMatch(HttpSyntax::isToken)) {
      throw new IllegalArgumentException(
          "subprotocols are tokens, each named once (RFC 6455 §4.1): " + subprotocols);
    }
    this.uri = uri;
    this.key = Base64.getEncoder().encodeToString(nonce);
    this.subprotocols = List.copyOf(subprotocols);
    this.more = more;
    this.offers = List.copyOf(offers);
  }

  private static boolean isScheme(URI uri, String scheme) {
    return scheme.equalsIgnoreCase(uri.getScheme());
  }

  /// The request as it goes on the wire.
  public byte[] request() {
    StringBuilder text = new StringBuilder(256);
    text.append("GET ").append(resourceName()).append(" HTTP/1.1\r\n");
    line(text, "Host", host());
    line(text, "Upgrade", "websocket");
    line(text, "Connection", "Upgrade");
    line(text, "Sec-WebSocket-Key", key);
    line(text, "Sec-WebSocket-Version", "13");
    if (!subprotocols.isEmpty()) {
      line(text, "Sec-WebSocket-Protocol", String.join(", ", subprotocols));
    }
    if (!offers.isEmpty()) {
      line(
          text,
          "Sec-WebSocket-Extensions",
          String.join(", ", offers.stream().map(Extension::toString).toList()));
    }
    for (HttpField field : more.lines()) {
      line(text, field.name(), field.value());
    }
    return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(name).append(": ").append(value).append("\r\n");
  }

  // RFC 6455 §3: the path, "/" if empty, and the query. Not ASCII is percent-encoded.
  private String resourceName() {
    URI ascii = URI.create(uri.toASCIIString());
    String path = ascii.getRawPath().isEmpty() ? "/" : ascii.getRawPath();
    return ascii.getRawQuery() == null ? path : path + "?" + ascii.getRawQuery();
  }

  private String host() {
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    int standard = isScheme(uri, "wss") ? 443 : 80;
    return uri.getPort() < 0 || uri.getPort() == standard ? host : host + ":" + uri.getPort();
  }

  /// Checks the response (RFC 6455 §4.1).
  ///
  /// @return the subprotocol that the server chose, or null
  /// @throws HttpException with the server's status if that is not 101, else 502: the connection
  ///   must be failed
  public @Nullable String check(HttpResponse response) throws HttpException {
    HttpFields fields = response.fields();
    if (response.status() != 101) {
      throw new HttpException(
          response.status(),
          "the server answered " + response.status() + " " + response.reason() + " instead of 101",
          fields);
    }
    require(isJust(fields.elements("Upgrade"), "websocket"), "Upgrade is not websocket");
    require(fields.hasElement("Connection", "Upgrade"), "Connection does not name Upgrade");
    require(
        fields.all("Sec-WebSocket-Accept").equals(List.of(ServerHandshake.acceptOf(key))),
        "Sec-WebSocket-Accept is not the answer to the key");
    require(
        !offers.isEmpty() || fields.all("Sec-WebSocket-Extensions").isEmpty(),
        "the server uses an extension that was not asked for");
    List<String> chosen = fields.all("Sec-WebSocket-Protocol");
    if (chosen.isEmpty()) {
      return null;
    }
    require(
        chosen.size() == 1 && subprotocols.contains(chosen.getFirst()),
        "the server chose a subprotocol that was not asked for");
    return chosen.getFirst();
  }

  /// The extensions that the server uses, for whoever made the offers to check
  /// ([DeflateStreams#agreed]), after [#check].
  ///
  /// @throws HttpException 502 for what does not fit the grammar: the connection must be failed
  public List<Extension> extensions(HttpResponse response) throws HttpException {
    try {
      return Extension.parse(response.fields());
    } catch (HttpException malformed) {
      throw new HttpException(502, malformed.reason());
    }
  }

  private static boolean isJust(List<String> elements, String expected) {
    return elements.size() == 1 && elements.getFirst().equalsIgnoreCase(expected);
  }

  private static void require(boolean kept, String otherwise) throws HttpException {
    if (!kept) {
      throw new HttpException(502, otherwise);
    }
  }
}
