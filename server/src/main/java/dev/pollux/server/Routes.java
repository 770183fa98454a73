package dev.pollux.server;

import dev.pollux.session.Opening;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a server answers to which path.
final class Routes {

  /// What is behind a path.
  sealed interface Route {}

  /// @param opening what the sessions of this route share that have neither query nor subprotocol
  record WebSocketRoute(Opening opening, List<String> subprotocols, HandlerFactory handlers)
      implements Route {
    String path() {
      return opening.path();
    }
  }

  record PageRoute(String contentType, Supplier<byte[]> content) implements Route {}

  private final Map<String, Route> byPath;

  private Routes(Map<String, Route> byPath) {
    this.byPath = byPath;
  }

  /// A path as it is compared (RFC 3986 §6.2.2): what need not be percent-encoded is not,
  /// everything else is, in capitals. An encoded slash stays what it is: no separator.
  private static String normal(String path) {
    StringBuilder normal = new StringBuilder();
    for (int i = 0; i < path.length(); ) {
      int at = path.codePointAt(i);
      i += Character.charCount(at);
      if (at == '%' && path.substring(i).matches("(?s)[0-9A-Fa-f]{2}.*")) {
        int octet = Integer.parseInt(path, i, i + 2, 16);
        i += 2;
        if (isUnreserved(octet)) {
          normal.append((char) octet);
        } else {
          normal.append(String.format("%%%02X", octet));
        }
      } else if (at > 0x20 && at < 0x7F && at != '%') {
        normal.append((char) at);
      } else {
        for (byte octet : Character.toString(at).getBytes(StandardCharsets.UTF_8)) {
          normal.append(String.format("%%%02X", octet & 0xFF));
        }
      }
    }
    return normal.toString();
  }

  private static boolean isUnreserved(int octet) {
    return (octet >= 'a' && octet <= 'z')
        || (octet >= 'A' && octet <= 'Z')
        || (octet >= '0' && octet <= '9')
        || "-._~".indexOf(octet) >= 0;
  }

  @Nullable Route find(String path) {
    return byPath.get(path.indexOf('%') < 0 ? path : normal(path));
  }

  static final class Builder {
    private final Map<String, Route> byPath = new HashMap<>();

    void webSocket(String path, List<String> subprotocols, HandlerFactory handlers) {
      add(path, new WebSocketRoute(Opening.of(path), List.copyOf(subprotocols), handlers));
    }

    void page(String path, String contentType, Supplier<byte[]> content) {
      add(path, new PageRoute(contentType, content));
    }

    Routes build() {
      return new Routes(Map.copyOf(byPath));
    }

    private void add(String path, Route route) {
      if (!path.startsWith("/") || path.contains("?") || path.contains("#")) {
        throw new IllegalArgumentException(
            "'" + path + "' is not a path: it begins with / and has neither query nor fragment");
      }
      if (byPath.putIfAbsent(normal(path), route) != null) {
        throw new IllegalArgumentException("the path " + path + " is there twice");
      }
    }
  }
}
