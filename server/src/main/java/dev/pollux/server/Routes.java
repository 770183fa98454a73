package dev.pollux.server;

import dev.pollux.session.Opening;
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

  @Nullable Route find(String path) {
    return byPath.get(path);
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
      if (!path.startsWith("/") || path.contains("?")) {
        throw new IllegalArgumentException(
            "'" + path + "' is not a path: it begins with / and has no query");
      }
      if (byPath.putIfAbsent(path, route) != null) {
        throw new IllegalArgumentException("the path " + path + " is there twice");
      }
    }
  }
}
