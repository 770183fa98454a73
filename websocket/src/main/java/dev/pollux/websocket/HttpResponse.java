package dev.pollux.websocket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// An HTTP/1.1 response. Immutable; the body is not copied and must not be changed.
public final class HttpResponse {
  private final int status;
  private final String reason;
  private final HttpFields fields;
  private final byte[] body;

  /// @param reason the reason phrase of the status line
  /// @param fields all header fields, `Content-Length` included: nothing is added
  public HttpResponse(int status, String reason, HttpFields fields, byte[] body) {
    if (status < 100 || status > 599) {
      throw new IllegalArgumentException("status is " + status + ", must be between 100 and 599");
    }
    if (!HttpSyntax.isFieldValue(reason)) {
      throw new IllegalArgumentException("not a reason phrase: " + HttpSyntax.quote(reason));
    }
    this.status = status;
    this.reason = reason;
    this.fields = Objects.requireNonNull(fields, "fields");
    this.body = Objects.requireNonNull(body, "body");
  }

  /// A response with a body, after which the connection is closed.
  ///
  /// @param contentType for example `text/html; charset=utf-8`
  public static HttpResponse of(int status, String contentType, byte[] body) {
    HttpFields fields =
        HttpFields.NONE
            .with("Content-Type", contentType)
            .with("Content-Length", Integer.toString(body.length))
            .with("Connection", "close");
    return new HttpResponse(status, reasonOf(status), fields, body);
  }

  /// A response with one line of plain text, after which the connection is closed.
  public static HttpResponse text(int status, String line) {
    byte[] body = (line + "\n").getBytes(StandardCharsets.UTF_8);
    return of(status, "text/plain; charset=utf-8", body);
  }

  /// What a client whose request was refused is told.
  ///
  /// @throws IllegalArgumentException if the status refuses nothing: it is below 300, where the
  ///   client would take the request for granted (and at 101 what follows for frames), or 304,
  ///   which has no content (RFC 9110 §15.4.5)
  public static HttpResponse refusal(HttpException refused) {
    if (refused.status() < 300 || refused.status() == 304) {
      throw new IllegalArgumentException(
          "status "
              + refused.status()
              + " is no refusal; what was to be said: "
              + refused.reason());
    }
    HttpResponse response = text(refused.status(), refused.reason());
    for (HttpField field : refused.fields().lines()) {
      response = response.with(field.name(), field.value());
    }
    return response;
  }

  /// This response with one more header field.
  public HttpResponse with(String name, String value) {
    return new HttpResponse(status, reason, fields.with(name, value), body);
  }

  public int status() {
    return status;
  }

  public String reason() {
    return reason;
  }

  public HttpFields fields() {
    return fields;
  }

  /// The whole response as it goes on the wire.
  public byte[] bytes() {
    byte[] head = head();
    byte[] all = new byte[head.length + body.length];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(body, 0, all, head.length, body.length);
    return all;
  }

  /// The head alone: what a HEAD request is answered (RFC 9110 §9.3.2).
  public byte[] head() {
    StringBuilder text = new StringBuilder(256);
    text.append("HTTP/1.1 ").append(status).append(' ').append(reason).append("\r\n");
    for (HttpField field : fields.lines()) {
      text.append(field.name()).append(": ").append(field.value()).append("\r\n");
    }
    return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /// Writes the whole response.
  ///
  /// @return the bytes written
  public int write(MemorySegment target, int offset) {
    byte[] bytes = bytes();
    MemorySegment.copy(bytes, 0, target, JAVA_BYTE, offset, bytes.length);
    return bytes.length;
  }

  private static String reasonOf(int status) {
    return switch (status) {
      case 101 -> "Switching Protocols";
      case 200 -> "OK";
      case 204 -> "No Content";
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 408 -> "Request Timeout";
      case 413 -> "Content Too Large";
      case 414 -> "URI Too Long";
      case 426 -> "Upgrade Required";
      case 429 -> "Too Many Requests";
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 501 -> "Not Implemented";
      case 502 -> "Bad Gateway";
      case 503 -> "Service Unavailable";
      case 505 -> "HTTP Version Not Supported";
      // RFC 9112 §4: the phrase may be empty.
      default -> "";
    };
  }
}
