package dev.pollux.server;

import dev.pollux.websocket.HttpException;
import dev.pollux.websocket.HttpRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Whose pages may open a WebSocket here (RFC 6455 §4.2.2, §10.2). A browser says in `Origin` whose
/// script asks, and sends the user's cookies along whoever that is; the server has to judge.
///
/// A request without an `Origin` is from no browser and passes. Scheme, host and port are compared
/// (RFC 6454 §5). The server's own origin is made of the scheme that it is spoken to in and of the
/// host that was asked for; a proxy that speaks TLS for it says so with `X-Forwarded-Proto: https`,
/// which no page can send.
final class OriginPolicy {
  private static final String ALL = "*";

  private final boolean all;
  private final Set<String> allowed = new HashSet<>();

  /// @param allowed origins such as `https://example.com:8443`, besides the server's own; `*` for
  ///   all of them, `null` for pages that have none
  /// @throws IllegalArgumentException for what is no origin
  OriginPolicy(List<String> allowed) {
    this.all = allowed.contains(ALL);
    for (String origin : allowed) {
      if (!origin.equals(ALL)) {
        String normal = origin.equals("null") ? origin : normal(origin);
        if (normal == null) {
          throw new IllegalArgumentException(
              "'"
                  + origin
                  + "' is no origin: a scheme, a host, perhaps a port, as in"
                  + " https://example.com:8443, and nothing behind that; or * for all");
        }
        this.allowed.add(normal);
      }
    }
  }

  /// @param secure whether the request came over TLS
  /// @throws HttpException 403 for an origin that is not allowed, 400 for several
  void check(HttpRequest request, boolean secure) throws HttpException {
    List<String> origins = request.headers("Origin");
    if (origins.isEmpty() || all) {
      return;
    }
    if (origins.size() > 1) {
      throw new HttpException(400, "there is more than one Origin");
    }
    String origin = origins.getFirst().equals("null") ? "null" : normal(origins.getFirst());
    if (origin == null || !(allowed.contains(origin) || origin.equals(own(request, secure)))) {
      throw new HttpException(
          403, "a page of another origin may not open a WebSocket here; it has to be allowed");
    }
  }

  private static @Nullable String own(HttpRequest request, boolean secure) {
    boolean https = secure || "https".equalsIgnoreCase(request.header("X-Forwarded-Proto"));
    return normal((https ? "https://" : "http://") + request.authority());
  }

  /// Lower case, without the port that the scheme has anyway; null for what is no origin.
  private static @Nullable String normal(String origin) {
    int scheme = origin.indexOf("://");
    String lower = origin.toLowerCase(Locale.ROOT);
    if (scheme <= 0 || !lower.substring(0, scheme).matches("[a-z][a-z0-9+.-]*")) {
      return null;
    }
    String authority = lower.substring(scheme + 3);
    if (!authority.matches("(\\[[0-9a-f:.]+]|[^\\[\\]/?#@:\\s]+)(:[0-9]{1,5})?")) {
      return null;
    }
    String port = lower.startsWith("https:") ? ":443" : lower.startsWith("http:") ? ":80" : "-";
    return authority.endsWith(port) ? lower.substring(0, lower.length() - port.length()) : lower;
  }
}
