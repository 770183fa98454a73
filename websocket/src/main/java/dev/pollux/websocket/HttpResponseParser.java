package dev.pollux.websocket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Reads the head of one HTTP/1.1 response (RFC 9112 §4), as strictly as [HttpRequestParser] reads
/// requests.
///
/// ```
///  LINE: "HTTP/1.1" SP 3DIGIT SP reason --CR--> LINE_END --LF--> FIELDS --> COMPLETE
/// ```
public final class HttpResponseParser {
  // 9 stands for any digit.
  private static final String PATTERN = "HTTP/1.1 999 ";

  private enum Phase {
    LINE,
    LINE_END,
    FIELDS,
    COMPLETE,
    FAILED
  }

  private final WebSocketLimits limits;
  private final HttpFieldParser fields;
  private final StringBuilder text = new StringBuilder();
  private Phase phase = Phase.LINE;
  private int headBytes;
  private @Nullable HttpResponse response;

  public HttpResponseParser(WebSocketLimits limits) {
    this.limits = Objects.requireNonNull(limits, "limits");
    this.fields = new HttpFieldParser(limits.maxHeaders());
  }

  /// The response, with an empty body, once its head is complete; before that null.
  public @Nullable HttpResponse response() {
    return response;
  }

  /// Takes bytes up to the end of the head.
  ///
  /// @return how many bytes were consumed: all of them, or fewer if the head is complete
  /// @throws HttpException with status 502: this is not a response of HTTP/1.1, or too long; the
  ///   parser cannot be used any more
  public int parse(MemorySegment buffer, int offset, int length) throws HttpException {
    Objects.checkFromIndexSize(offset, (long) length, buffer.byteSize());
    if (phase == Phase.FAILED) {
      throw new IllegalStateException("this parser has refused its response");
    }
    int at = 0;
    try {
      while (at < length && phase != Phase.COMPLETE) {
        accept(buffer.get(JAVA_BYTE, (long) offset + at) & 0xFF);
        at++;
        if (++headBytes >= limits.maxHandshakeBytes() && phase != Phase.COMPLETE) {
          throw bad("the response head has more than " + limits.maxHandshakeBytes() + " bytes");
        }
      }
    } catch (HttpException e) {
      phase = Phase.FAILED;
      throw e.status() == 502 ? e : bad(e.reason());
    }
    return at;
  }

  private static HttpException bad(String reason) {
    return new HttpException(502, reason);
  }

  private void accept(int value) throws HttpException {
    switch (phase) {
      case LINE -> lineByte(value);
      case LINE_END -> {
        HttpFieldParser.requireLf(value);
        phase = Phase.FIELDS;
      }
      default -> {
        if (fields.accept(value)) {
          int status = Integer.parseInt(text, 9, 12, 10);
          String reason = text.substring(PATTERN.length());
          response = new HttpResponse(status, reason, new HttpFields(fields.lines()), new byte[0]);
          phase = Phase.COMPLETE;
        }
      }
    }
  }

  private void lineByte(int value) throws HttpException {
    int at = text.length();
    if (at >= PATTERN.length()) {
      if (value == '\r') {
        phase = Phase.LINE_END;
        return;
      }
      if (!HttpSyntax.isFieldByte(value)) {
        throw bad("the status line has the byte " + value);
      }
    } else {
      int expected = PATTERN.charAt(at);
      boolean fits =
          expected == '9'
              ? HttpSyntax.isDigit(value) && (at != 9 || (value >= '1' && value <= '5'))
              : value == expected;
      if (!fits) {
        throw bad(
            "the status line has the byte "
                + value
                + " behind "
                + HttpSyntax.quote(text.toString()));
      }
    }
    text.append((char) value);
  }
}
