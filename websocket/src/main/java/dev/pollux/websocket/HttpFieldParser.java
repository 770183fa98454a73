package dev.pollux.websocket;

import java.util.ArrayList;
import java.util.List;

/// Reads the header field lines of a request or a response, byte by byte, up to and with the empty
/// line that ends them (RFC 9112 §5).
///
/// ```
///               +------------------------- LF -----------------------+
///               v                                                    |
///  LINE --token--> NAME --':'--> VALUE --CR--> LINE_END -------------+
///    |                            |  ^
///    |                            +--+ any field byte
///    +--CR--> LAST_LINE_END --LF--> done
/// ```
final class HttpFieldParser {
  private enum Phase {
    LINE,
    NAME,
    VALUE,
    LINE_END,
    LAST_LINE_END
  }

  private final int maxFields;
  private final List<HttpField> lines = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private String name = "";
  private Phase phase = Phase.LINE;

  HttpFieldParser(int maxFields) {
    this.maxFields = maxFields;
  }

  /// The field line that the byte completed is the last one of [#lines()]; true is the end of all.
  boolean accept(int value) throws HttpException {
    switch (phase) {
      case LINE -> begin(value);
      case NAME -> nameByte(value);
      case VALUE -> valueByte(value);
      case LINE_END -> {
        HttpFieldParser.requireLf(value);
        phase = Phase.LINE;
      }
      case LAST_LINE_END -> {
        HttpFieldParser.requireLf(value);
        return true;
      }
    }
    return false;
  }

  List<HttpField> lines() {
    return lines;
  }

  static void requireLf(int value) throws HttpException {
    if (value != '\n') {
      // RFC 9112 §2.2: a bare CR must be rejected or replaced.
      throw new HttpException(400, "a carriage return is not followed by a line feed");
    }
  }

  private void begin(int value) throws HttpException {
    if (value == '\r') {
      phase = Phase.LAST_LINE_END;
      return;
    }
    if (HttpSyntax.isBlank(value)) {
      throw new HttpException(400, "a header line begins with white space (obsolete line folding)");
    }
    if (lines.size() == maxFields) {
      throw new HttpException(431, "there are more than " + maxFields + " header lines");
    }
    phase = Phase.NAME;
    nameByte(value);
  }

  private void nameByte(int value) throws HttpException {
    if (HttpSyntax.isTokenByte(value)) {
      text.append((char) value);
      return;
    }
    if (value != ':') {
      throw new HttpException(
          400,
          "a header name has the byte " + value + " behind " + HttpSyntax.quote(text.toString()));
    }
    if (text.isEmpty()) {
      throw new HttpException(400, "a header line has no name");
    }
    name = text.toString();
    text.setLength(0);
    phase = Phase.VALUE;
  }

  private void valueByte(int value) throws HttpException {
    if (HttpSyntax.isFieldByte(value)) {
      text.append((char) value);
      return;
    }
    if (value != '\r') {
      throw new HttpException(400, "the header " + name + " has the control byte " + value);
    }
    lines.add(new HttpField(name, HttpSyntax.trim(text)));
    text.setLength(0);
    phase = Phase.LINE_END;
  }
}
