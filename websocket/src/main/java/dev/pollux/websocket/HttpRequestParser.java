package dev.pollux.websocket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Reads the head of one HTTP/1.1 request (RFC 9112), strictly: what the RFC lets a server mend,
/// and what has been used to smuggle requests past a proxy, is refused. It fails at the first byte
/// that cannot be right.
///
/// ```
///  START --token--> METHOD --SP--> TARGET --SP--> VERSION --CR--> LINE_END --LF--> FIELDS --> COMPLETE
///    |  ^
///    +--+ one empty line
/// ```
///
/// One object per handshake, not kept afterwards.
public final class HttpRequestParser {
  private static final String VERSION = "HTTP/1.1";
  private static final int MAX_METHOD_CHARS = 32;

  private enum Phase {
    START,
    EMPTY_LINE,
    METHOD,
    TARGET,
    VERSION,
    LINE_END,
    FIELDS,
    COMPLETE,
    FAILED
  }

  private final WebSocketLimits limits;
  private final HttpFieldParser fields;
  private final StringBuilder text = new StringBuilder();
  private Phase phase = Phase.START;
  private boolean emptyLineSeen;
  private int headBytes;
  private int fieldsChecked;
  private boolean hasHost;
  private @Nullable String contentLength;
  private @Nullable String transferEncoding;
  private String method = "";
  private String target = "";
  private @Nullable HttpRequest request;

  public HttpRequestParser(WebSocketLimits limits) {
    this.limits = Objects.requireNonNull(limits, "limits");
    this.fields = new HttpFieldParser(limits.maxHeaders());
  }

  /// The request once it is complete, before that null.
  public @Nullable HttpRequest request() {
    return request;
  }

  /// Whether no byte has come yet (but perhaps an empty line).
  public boolean isUntouched() {
    return phase == Phase.START;
  }

  /// Takes bytes up to the end of the head.
  ///
  /// @return how many bytes were consumed: all of them, or fewer if the head is complete, in which
  ///   case the rest belongs to what follows it
  /// @throws HttpException the request is refused; the parser cannot be used any more
  public int parse(MemorySegment buffer, int offset, int length) throws HttpException {
    Objects.checkFromIndexSize(offset, (long) length, buffer.byteSize());
    if (phase == Phase.FAILED) {
      throw new IllegalStateException("this parser has refused its request");
    }
    int at = 0;
    try {
      while (at < length && phase != Phase.COMPLETE) {
        accept(buffer.get(JAVA_BYTE, (long) offset + at) & 0xFF);
        at++;
        if (++headBytes >= limits.maxHandshakeBytes() && phase != Phase.COMPLETE) {
          throw tooLong();
        }
      }
    } catch (HttpException e) {
      phase = Phase.FAILED;
      throw e;
    }
    return at;
  }

  private HttpException tooLong() {
    int most = limits.maxHandshakeBytes();
    return phase.compareTo(Phase.TARGET) <= 0
        ? new HttpException(414, "the request target does not fit the " + most + " bytes of a head")
        : new HttpException(431, "the request head has more than " + most + " bytes");
  }

  private void accept(int value) throws HttpException {
    switch (phase) {
      case START -> start(value);
      case EMPTY_LINE -> {
        HttpFieldParser.requireLf(value);
        phase = Phase.START;
      }
      case METHOD -> methodByte(value);
      case TARGET -> targetByte(value);
      case VERSION -> versionByte(value);
      case LINE_END -> {
        HttpFieldParser.requireLf(value);
        phase = Phase.FIELDS;
      }
      default -> fieldByte(value);
    }
  }

  private void start(int value) throws HttpException {
    // RFC 9112 §2.2: at least one empty line before the request line should be ignored.
    if (value == '\r' && !emptyLineSeen) {
      emptyLineSeen = true;
      phase = Phase.EMPTY_LINE;
      return;
    }
    phase = Phase.METHOD;
    methodByte(value);
  }

  private void methodByte(int value) throws HttpException {
    if (HttpSyntax.isTokenByte(value)) {
      if (text.length() == MAX_METHOD_CHARS) {
        // RFC 9112 §3: the status for a method longer than any that is implemented.
        throw new HttpException(
            501, "the method has more than " + MAX_METHOD_CHARS + " characters");
      }
      text.append((char) value);
      return;
    }
    if (value != ' ' || text.isEmpty()) {
      throw new HttpException(400, "the method has the byte " + value);
    }
    method = take();
    phase = Phase.TARGET;
  }

  private void targetByte(int value) throws HttpException {
    if (HttpSyntax.isTargetByte(value)) {
      text.append((char) value);
      return;
    }
    if (value != ' ') {
      throw new HttpException(400, "the request target has the byte " + value);
    }
    target = take();
    checkTarget();
    phase = Phase.VERSION;
  }

  // RFC 9112 §3.2: the four forms of a target.
  private void checkTarget() throws HttpException {
    int authority = HttpRequest.authorityStart(target);
    boolean good;
    if (method.equals("CONNECT")) {
      good = HttpSyntax.isAuthority(target) && target.indexOf(':') > 0;
    } else if (authority > 0) {
      int end = HttpRequest.authorityEnd(target, authority);
      good = HttpSyntax.isAuthority(target.substring(authority, end));
    } else {
      good = target.startsWith("/") || (target.equals("*") && method.equals("OPTIONS"));
    }
    if (!good || !HttpSyntax.isPercentEncoded(target)) {
      throw new HttpException(400, "the request target is malformed: " + HttpSyntax.quote(target));
    }
  }

  private void versionByte(int value) throws HttpException {
    int at = text.length();
    if (at == VERSION.length()) {
      if (value != '\r') {
        throw new HttpException(400, "the HTTP version is followed by the byte " + value);
      }
      if (!take().equals(VERSION)) {
        throw new HttpException(505, "only HTTP/1.1 is spoken here");
      }
      phase = Phase.LINE_END;
      return;
    }
    // RFC 9112 §2.3: HTTP-version = "HTTP/" DIGIT "." DIGIT
    boolean digit = at == 5 || at == 7;
    if (digit ? !HttpSyntax.isDigit(value) : value != VERSION.charAt(at)) {
      throw new HttpException(400, "the HTTP version has the byte " + value);
    }
    text.append((char) value);
  }

  private void fieldByte(int value) throws HttpException {
    boolean complete = fields.accept(value);
    if (fields.lines().size() > fieldsChecked) {
      check(fields.lines().get(fieldsChecked++));
    }
    if (complete) {
      checkWhole();
      request = new HttpRequest(method, target, new HttpFields(fields.lines()));
      phase = Phase.COMPLETE;
    }
  }

  private void check(HttpField field) throws HttpException {
    String value = field.value();
    switch (field.name().toLowerCase(Locale.ROOT)) {
      case "host" -> {
        // RFC 9112 §3.2: none, more than one, or an invalid one is 400.
        if (hasHost || !HttpSyntax.isAuthority(value)) {
          throw new HttpException(
              400, hasHost ? "there is more than one Host" : "the Host is malformed");
        }
        hasHost = true;
      }
      case "content-length" -> {
        if (contentLength != null || !isLength(value)) {
          throw new HttpException(
              400, "the Content-Length is " + (contentLength != null ? "repeated" : "malformed"));
        }
        contentLength = value;
      }
      case "transfer-encoding" ->
          transferEncoding = transferEncoding == null ? value : transferEncoding + "," + value;
      default -> {}
    }
    if (contentLength != null && transferEncoding != null) {
      // RFC 9112 §6.3: such a message is how requests are smuggled.
      throw new HttpException(400, "there is both a Content-Length and a Transfer-Encoding");
    }
  }

  private static boolean isLength(String value) {
    return !value.isEmpty() && value.length() <= 18 && value.chars().allMatch(HttpSyntax::isDigit);
  }

  private void checkWhole() throws HttpException {
    if (!hasHost) {
      throw new HttpException(400, "there is no Host");
    }
    String encoding = transferEncoding;
    if (encoding == null || encoding.equalsIgnoreCase("chunked")) {
      return;
    }
    // RFC 9112 §6.1 and §6.3: unknown codings are 501, a body without an end that can be found 400.
    boolean ends = encoding.toLowerCase(Locale.ROOT).matches("(.*[, \t])?chunked[ \t]*");
    throw new HttpException(
        ends ? 501 : 400, "the Transfer-Encoding is " + HttpSyntax.quote(encoding));
  }

  private String take() {
    String taken = text.toString();
    text.setLength(0);
    return taken;
  }
}
