package dev.pollux.websocket;

/// One header field line (RFC 9110 §5).
///
/// @param name a token, in the case in which it was written; names are compared without case
/// @param value without the white space around it; each char is one byte (ISO 8859-1)
public record HttpField(String name, String value) {
  /// @throws IllegalArgumentException if the name is not a token, or the value has a character that
  ///   could end the line or is a control character other than a tab
  public HttpField {
    if (!HttpSyntax.isToken(name)) {
      throw new IllegalArgumentException("not a header field name: " + HttpSyntax.quote(name));
    }
    if (!HttpSyntax.isFieldValue(value)) {
      throw new IllegalArgumentException(
          "not a value for header field " + name + ": " + HttpSyntax.quote(value));
    }
  }
}
