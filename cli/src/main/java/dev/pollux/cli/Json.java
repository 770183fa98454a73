package dev.pollux.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;

/// Writes one JSON text (RFC 8259), front to back. Names and commas are right by construction,
/// nesting is the caller's: each [#object] and [#array] has its [#end].
final class Json {
  private final StringBuilder text = new StringBuilder();
  private final StringBuilder closing = new StringBuilder();

  /// Begins an object: the whole text, or an element of an array.
  Json object() {
    return begin('{', '}');
  }

  /// Begins an object that is a member.
  Json object(String name) {
    return name(name).begin('{', '}');
  }

  Json array(String name) {
    return name(name).begin('[', ']');
  }

  /// Ends what was begun last.
  Json end() {
    int last = closing.length() - 1;
    text.append(closing.charAt(last));
    closing.setLength(last);
    return this;
  }

  Json member(String name, String value) {
    name(name);
    quoted(value);
    return this;
  }

  Json member(String name, boolean value) {
    name(name).text.append(value);
    return this;
  }

  Json member(String name, long value) {
    name(name).text.append(value);
    return this;
  }

  /// A number with at most three decimals, or null for what is no number (a division by zero).
  Json member(String name, double value) {
    name(name);
    if (Double.isFinite(value)) {
      BigDecimal rounded = BigDecimal.valueOf(value).setScale(3, RoundingMode.HALF_EVEN);
      text.append(rounded.stripTrailingZeros().toPlainString());
    } else {
      text.append("null");
    }
    return this;
  }

  @Override
  public String toString() {
    return text.toString();
  }

  private Json begin(char open, char close) {
    separate();
    text.append(open);
    closing.append(close);
    return this;
  }

  private Json name(String name) {
    separate();
    quoted(name);
    text.append(':');
    return this;
  }

  private void separate() {
    if (!text.isEmpty() && "{[:".indexOf(text.charAt(text.length() - 1)) < 0) {
      text.append(',');
    }
  }

  private void quoted(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      // RFC 8259 §7: these, and no others, must be escaped.
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ') {
        text.append("\\u%04x".formatted((int) c));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }
}
