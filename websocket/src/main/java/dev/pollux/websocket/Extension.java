package dev.pollux.websocket;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One element of `Sec-WebSocket-Extensions` (RFC 6455 §9.1).
///
/// @param name a token
/// @param parameters in order, repeated ones included
public record Extension(String name, List<Parameter> parameters) {
  /// One parameter of an extension.
  ///
  /// @param value null if the parameter has none
  public record Parameter(String name, @Nullable String value) {}

  public Extension {
    parameters = List.copyOf(parameters);
  }

  /// As an element of `Sec-WebSocket-Extensions`: `permessage-deflate; client_max_window_bits=10`.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(name);
    for (Parameter parameter : parameters) {
      text.append("; ").append(parameter.name());
      if (parameter.value() != null) {
        text.append('=').append(parameter.value());
      }
    }
    return text.toString();
  }

  /// Reads the field over all its lines, in order of preference.
  ///
  /// @throws HttpException 400 for a value that does not fit the grammar: RFC 6455 §9.1 has the
  ///   connection failed
  static List<Extension> parse(HttpFields fields) throws HttpException {
    List<Extension> extensions = new ArrayList<>();
    for (String value : fields.all("Sec-WebSocket-Extensions")) {
      // Neither separator can be inside a value: also a quoted one must be a token.
      for (String element : HttpSyntax.split(value, ',')) {
        if (!element.isEmpty()) {
          extensions.add(parseOne(element));
        }
      }
    }
    return extensions;
  }

  private static Extension parseOne(String element) throws HttpException {
    List<String> parts = HttpSyntax.split(element, ';');
    List<Parameter> parameters = new ArrayList<>();
    for (String part : parts.subList(1, parts.size())) {
      parameters.add(parseParameter(part));
    }
    return new Extension(requireToken(parts.getFirst()), parameters);
  }

  private static Parameter parseParameter(String part) throws HttpException {
    int equals = part.indexOf('=');
    if (equals < 0) {
      return new Parameter(requireToken(part), null);
    }
    String value = HttpSyntax.trim(part.substring(equals + 1));
    if (value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")) {
      value = value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1");
    }
    return new Parameter(
        requireToken(HttpSyntax.trim(part.substring(0, equals))), requireToken(value));
  }

  private static String requireToken(String text) throws HttpException {
    if (!HttpSyntax.isToken(text)) {
      throw new HttpException(
          400, "Sec-WebSocket-Extensions is malformed at " + HttpSyntax.quote(text));
    }
    return text;
  }
}
