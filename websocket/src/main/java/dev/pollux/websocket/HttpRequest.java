package dev.pollux.websocket;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The head of an HTTP/1.1 request that keeps the rules (RFC 9112 §3). Immutable.
///
/// @param method as it came; methods are compared with case
/// @param target as it came, not decoded
public record HttpRequest(String method, String target, HttpFields fields) {
  /// The first header field of that name, compared without case, or null.
  public @Nullable String header(String name) {
    return fields.first(name);
  }

  /// All header fields of that name, compared without case.
  public List<String> headers(String name) {
    return fields.all(name);
  }

  /// The path in the target, percent-encoding and all: at least `/`; `*` for `OPTIONS *`.
  public String path() {
    String resource = resource();
    int query = resource.indexOf('?');
    String path = query < 0 ? resource : resource.substring(0, query);
    return path.isEmpty() ? "/" : path;
  }

  /// What follows the first `?` in the target, not decoded, or null if there is none.
  public @Nullable String query() {
    String resource = resource();
    int query = resource.indexOf('?');
    return query < 0 ? null : resource.substring(query + 1);
  }

  /// The host and port that the client asked for: of an absolute target, else the `Host` field (RFC
  /// 9112 §3.2.2).
  public String authority() {
    int from = authorityStart(target);
    if (from < 0) {
      String host = header("Host");
      return host == null ? "" : host;
    }
    return target.substring(from, authorityEnd(target, from));
  }

  /// Whether a body follows the head (RFC 9112 §6).
  public boolean hasBody() {
    if (header("Transfer-Encoding") != null) {
      return true;
    }
    String length = header("Content-Length");
    return length != null && !length.chars().allMatch(c -> c == '0');
  }

  private String resource() {
    int from = authorityStart(target);
    return from < 0 ? target : target.substring(authorityEnd(target, from));
  }

  /// Where the authority begins in a target in absolute form, -1 for other forms.
  static int authorityStart(String target) {
    String start = target.substring(0, Math.min(8, target.length())).toLowerCase(Locale.ROOT);
    return start.startsWith("http://") ? 7 : start.startsWith("https://") ? 8 : -1;
  }

  static int authorityEnd(String target, int from) {
    for (int i = from; i < target.length(); i++) {
      if (target.charAt(i) == '/' || target.charAt(i) == '?') {
        return i;
      }
    }
    return target.length();
  }
}
