package dev.pollux.client;

import dev.pollux.websocket.HttpException;
import dev.pollux.websocket.HttpFields;
import java.io.IOException;

/// The server was reached, but no WebSocket came of it: it refused, or its answer is not the one
/// that RFC 6455 §4.1 demands.
public final class HandshakeException extends IOException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final transient HttpFields headers;

  /// @param status what the server answered, 0 if there was no answer that could be read
  HandshakeException(ClientRequest request, int status, HttpFields headers, String why) {
    super(request + ": " + why);
    this.status = status;
    this.headers = headers;
  }

  static HandshakeException of(ClientRequest request, HttpException refused, String more) {
    // 502 is the parser's and the check's word for an answer that is wrong.
    return new HandshakeException(
        request, refused.status(), refused.fields(), refused.reason() + more);
  }

  /// The HTTP status that the server answered, for example 403; 502 if its answer breaks the
  /// protocol; 0 if it gave none.
  public int status() {
    return status;
  }

  /// The header fields of a refusal, for example `Location` or `WWW-Authenticate`.
  public HttpFields headers() {
    return headers;
  }
}
