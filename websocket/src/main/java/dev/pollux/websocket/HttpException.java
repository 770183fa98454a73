package dev.pollux.websocket;

/// An HTTP message that is not taken: the status that says so, and a sentence that says why.
///
/// Thrown for a request, the status is what the client is to be answered
/// ([HttpResponse#refusal(HttpException)] writes it). Thrown for a response, the status is the one
/// that the server answered if that is the reason, else 502: the response itself is wrong. It has
/// no stack trace: it says what the peer did.
public final class HttpException extends Exception {
  private final int status;
  private final transient HttpFields fields;

  /// @param reason a sentence without a full stop; it goes to the peer
  /// @throws IllegalArgumentException if the status is none of HTTP's: they are from 100 to 599
  ///   (RFC 9110 §15)
  public HttpException(int status, String reason) {
    this(status, reason, HttpFields.NONE);
  }

  /// The same, with more to say.
  ///
  /// @param fields header fields that the refusal must have, such as `Allow`
  public HttpException(int status, String reason, HttpFields fields) {
    super(reason, null, false, false);
    if (status < 100 || status > 599) {
      throw new IllegalArgumentException("status is " + status + ", must be between 100 and 599");
    }
    this.status = status;
    this.fields = fields;
  }

  public int status() {
    return status;
  }

  /// What was wrong.
  public String reason() {
    return String.valueOf(getMessage());
  }

  /// Header fields that the refusal must have.
  public HttpFields fields() {
    return fields;
  }
}
