package dev.pollux.websocket;

import java.util.ArrayList;
import java.util.List;

/// The character classes of HTTP (RFC 9110 §5.5, §5.6.2, RFC 9112 §3.2).
final class HttpSyntax {
  private static final boolean[] TOKEN = new boolean[256];
  private static final boolean[] TARGET = new boolean[256];

  static {
    for (char c = 0x21; c < 0x7F; c++) {
      TOKEN[c] = "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0;
      // RFC 3986 also excludes []^`{|}, which browsers send unencoded in queries (URL standard).
      TARGET[c] = "\"#<>\\".indexOf(c) < 0;
    }
  }

  private HttpSyntax() {}

  /// RFC 9110 §5.6.2: tchar.
  static boolean isTokenByte(int value) {
    return TOKEN[value];
  }

  /// What a request target may have: printing ASCII but for what must be percent-encoded.
  static boolean isTargetByte(int value) {
    return TARGET[value];
  }

  /// RFC 9110 §5.5: field-vchar, space or tab.
  static boolean isFieldByte(int value) {
    return (value >= 0x20 && value != 0x7F) || value == '\t';
  }

  static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0x7F || !TOKEN[text.charAt(i)]) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  static boolean isFieldValue(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0xFF || !isFieldByte(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /// Without the optional white space (spaces and tabs only) around it.
  static String trim(CharSequence text) {
    int from = 0;
    int to = text.length();
    while (from < to && isBlank(text.charAt(from))) {
      from++;
    }
    while (to > from && isBlank(text.charAt(to - 1))) {
      to--;
    }
    return text.subSequence(from, to).toString();
  }

  static boolean isBlank(int value) {
    return value == ' ' || value == '\t';
  }

  static boolean isDigit(int value) {
    return value >= '0' && value <= '9';
  }

  static boolean isHexDigit(int value) {
    return isDigit(value) || (value >= 'a' && value <= 'f') || (value >= 'A' && value <= 'F');
  }

  static boolean isAlpha(int value) {
    return (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z');
  }

  /// The parts between the separators, trimmed; empty ones included.
  static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    for (int at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, from)) {
      parts.add(trim(text.substring(from, at)));
      from = at + 1;
    }
    parts.add(trim(text.substring(from)));
    return parts;
  }

  /// For an error message: shortened, and what does not print shown as a number.
  static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    int shown = Math.min(text.length(), 64);
    for (int i = 0; i < shown; i++) {
      char c = text.charAt(i);
      if (c >= 0x20 && c < 0x7F) {
        quoted.append(c);
      } else {
        quoted.append(String.format("\\u%04x", (int) c));
      }
    }
    return quoted.append(shown < text.length() ? "...\"" : "\"").toString();
  }

  /// RFC 9110 §7.2: uri-host [ ":" port ], the host not empty (§4.2.1).
  static boolean isAuthority(String text) {
    int hostEnd;
    if (text.startsWith("[")) {
      hostEnd = text.indexOf(']') + 1;
      if (hostEnd < 3 || !isIpLiteral(text.substring(1, hostEnd - 1))) {
        return false;
      }
    } else {
      hostEnd = text.indexOf(':') < 0 ? text.length() : text.indexOf(':');
      if (hostEnd == 0 || !isRegisteredName(text.substring(0, hostEnd))) {
        return false;
      }
    }
    return hostEnd == text.length() || isPort(text.substring(hostEnd));
  }

  private static boolean isPort(String text) {
    if (text.charAt(0) != ':') {
      return false;
    }
    int port = 0;
    for (int i = 1; i < text.length(); i++) {
      if (!isDigit(text.charAt(i))) {
        return false;
      }
      port = port * 10 + text.charAt(i) - '0';
      if (port > 0xFFFF) {
        return false;
      }
    }
    return true;
  }

  private static boolean isIpLiteral(String text) {
    for (int i = 0; i < text.length(); i++) {
      int c = text.charAt(i);
      if (!isUnreservedOrSubDelimiter(c) && c != ':') {
        return false;
      }
    }
    return text.indexOf(':') >= 0 || text.startsWith("v") || text.startsWith("V");
  }

  private static boolean isRegisteredName(String text) {
    for (int i = 0; i < text.length(); i++) {
      int c = text.charAt(i);
      if (c != '%' && !isUnreservedOrSubDelimiter(c)) {
        return false;
      }
    }
    return isPercentEncoded(text);
  }

  private static boolean isUnreservedOrSubDelimiter(int c) {
    return isAlpha(c) || isDigit(c) || "-._~!$&'()*+,;=".indexOf(c) >= 0;
  }

  /// Whether each percent sign is followed by two hexadecimal digits (RFC 3986 §2.1).
  static boolean isPercentEncoded(String text) {
    for (int at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1)) {
      if (at + 2 >= text.length()
          || !isHexDigit(text.charAt(at + 1))
          || !isHexDigit(text.charAt(at + 2))) {
        return false;
      }
    }
    return true;
  }
}
