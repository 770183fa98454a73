package dev.pollux.websocket;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The server's side of the opening handshake (RFC 6455 §4.2): a valid request and the answer to
/// it. Immutable. The `Origin` is not judged here: it is the application's to know whom it trusts.
public final class ServerHandshake {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  /// Copied for each use: a lookup by name is slower, and leaves an object with its thread.
  private static final MessageDigest SHA_1 = newSha1();

  private static final HttpFields UPGRADE_REQUIRED =
      HttpFields.NONE.with("Upgrade", "websocket").with("Sec-WebSocket-Version", "13");

  private final HttpRequest request;
  private final String key;
  private final @Nullable String subprotocol;
  private final List<Extension> extensions;

  private ServerHandshake(
      HttpRequest request, String key, @Nullable String subprotocol, List<Extension> extensions) {
    this.request = request;
    this.key = key;
    this.subprotocol = subprotocol;
    this.extensions = extensions;
  }

  /// Whether a request means to become a WebSocket, rightly or not: it is then for [#accept], not
  /// for a page.
  public static boolean isUpgrade(HttpRequest request) {
    return request.fields().hasElement("Upgrade", "websocket");
  }

  /// Checks the request (RFC 6455 §4.2.1) and chooses a subprotocol.
  ///
  /// @param subprotocols those that the server speaks: the first that the client also offers is
  ///   chosen; none in common is no reason to refuse (§4.2.2)
  /// @throws HttpException 400, 405 or 426 with the header fields that the status asks for
  public static ServerHandshake accept(HttpRequest request, List<String> subprotocols)
      throws HttpException {
    HttpFields fields = request.fields();
    if (!request.method().equals("GET")) {
      throw new HttpException(
          405, "a WebSocket begins with GET", HttpFields.NONE.with("Allow", "GET"));
    }
    if (!isUpgrade(request)) {
      throw new HttpException(426, "this is a WebSocket: Upgrade is missing", UPGRADE_REQUIRED);
    }
    if (!fields.hasElement("Connection", "Upgrade")) {
      throw new HttpException(400, "Connection does not name Upgrade");
    }
    if (request.hasBody()) {
      throw new HttpException(400, "a WebSocket request has no body");
    }
    checkVersion(fields);
    String key = key(fields);
    String chosen = choose(offeredSubprotocols(fields), subprotocols);
    return new ServerHandshake(request, key, chosen, Extension.parse(fields));
  }

  private static void checkVersion(HttpFields fields) throws HttpException {
    List<String> versions = fields.all("Sec-WebSocket-Version");
    if (versions.size() > 1) {
      throw new HttpException(400, "there is more than one Sec-WebSocket-Version");
    }
    if (versions.isEmpty() || !versions.getFirst().equals("13")) {
      throw new HttpException(426, "Sec-WebSocket-Version must be 13", UPGRADE_REQUIRED);
    }
  }

  // RFC 6455 §4.2.1 and §11.3.1: exactly one, base64 of 16 bytes.
  private static String key(HttpFields fields) throws HttpException {
    List<String> keys = fields.all("Sec-WebSocket-Key");
    if (keys.size() != 1) {
      throw new HttpException(
          400, "there must be exactly one Sec-WebSocket-Key, there are " + keys.size());
    }
    if (!keys.getFirst().matches("[A-Za-z0-9+/]{22}==")) {
      throw new HttpException(400, "Sec-WebSocket-Key is not base64 of 16 bytes");
    }
    return keys.getFirst();
  }

  static List<String> offeredSubprotocols(HttpFields fields) throws HttpException {
    List<String> offered = fields.elements("Sec-WebSocket-Protocol");
    Set<String> seen = new HashSet<>();
    for (String name : offered) {
      // RFC 6455 §4.1: tokens, each once.
      if (!HttpSyntax.isToken(name) || !seen.add(name)) {
        throw new HttpException(
            400, "Sec-WebSocket-Protocol is malformed at " + HttpSyntax.quote(name));
      }
    }
    return offered;
  }

  private static @Nullable String choose(List<String> offered, List<String> spoken) {
    for (String name : spoken) {
      if (offered.contains(name)) {
        return name;
      }
    }
    return null;
  }

  /// The `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key` (RFC 6455 §4.2.2).
  public static String acceptOf(String key) {
    byte[] digest = copyOfSha1().digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
    return Base64.getEncoder().encodeToString(digest);
  }

  private static MessageDigest copyOfSha1() {
    try {
      return (MessageDigest) SHA_1.clone();
    } catch (CloneNotSupportedException e) {
      // A provider need not have it.
      return newSha1();
    }
  }

  private static MessageDigest newSha1() {
    try {
      return MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }

  public HttpRequest request() {
    return request;
  }

  /// The subprotocol that both sides speak, or null.
  public @Nullable String subprotocol() {
    return subprotocol;
  }

  /// The extensions that the client offers, in order of its preference.
  public List<Extension> offeredExtensions() {
    return extensions;
  }

  /// The answer, 101 Switching Protocols. After its last byte the connection speaks WebSocket.
  public HttpResponse response() {
    return response(List.of());
  }

  /// The answer, with the extensions that are in use from now on (RFC 6455 §9.1): what
  /// [DeflateNegotiation#accept] chose of [#offeredExtensions()].
  public HttpResponse response(List<Extension> accepted) {
    HttpFields fields =
        HttpFields.NONE
            .with("Upgrade", "websocket")
            .with("Connection", "Upgrade")
            .with("Sec-WebSocket-Accept", acceptOf(key));
    if (subprotocol != null) {
      fields = fields.with("Sec-WebSocket-Protocol", subprotocol);
    }
    for (Extension extension : accepted) {
      fields = fields.with("Sec-WebSocket-Extensions", extension.toString());
    }
    return new HttpResponse(101, "Switching Protocols", fields, new byte[0]);
  }
}
